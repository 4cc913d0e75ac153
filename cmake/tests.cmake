# Tests: each tests/test_*.c is an executable and a ctest entry; what they share is in tests/support.
find_package(PkgConfig)
if(PkgConfig_FOUND)
    pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
endif()
if(NOT CMOCKA_FOUND)
    message(WARNING "cmocka was not found (packages libcmocka-dev and pkg-config): the tests are not built")
    return()
endif()

file(GLOB support CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/support/*.c)
file(GLOB tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/test_*.c)

# White-box: tests may include what src includes, and link the static library, where private functions can be reached.
add_library(wengert_white_box INTERFACE)
target_include_directories(wengert_white_box INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
target_include_directories(wengert_white_box SYSTEM INTERFACE ${UTHASH_INCLUDE_DIR})
target_compile_definitions(wengert_white_box INTERFACE ${WG_DEFINITIONS})
target_link_libraries(wengert_white_box INTERFACE wengert_static PkgConfig::CMOCKA Threads::Threads ${WG_LIBM})

if(support)
    add_library(wengert_test_support STATIC ${support})
    target_link_libraries(wengert_test_support PUBLIC wengert_white_box)
endif()

foreach(source IN LISTS tests)
    cmake_path(GET source STEM name)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE $<TARGET_NAME_IF_EXISTS:wengert_test_support> wengert_white_box)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endforeach()
