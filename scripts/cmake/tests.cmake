# Tests.  Each tests/test_*.c is an executable and a ctest entry; what they share is in tests/support.  A line `labels: a b` in its first
# comment gives it labels that presets choose by:
#   long      takes longer than the default run allows       threads   also run under the thread sanitizer
#   valgrind  also run under valgrind                        serial    measures time: nothing runs beside it
#   browser   clicks through pages in a browser
# A line `begins: first` there has a test that takes longer than most begin before them, so that no processor is left without work in the end.
# A line `wraps: malloc free` there sends calls of these functions, from the test and the library, to __wrap_malloc and __wrap_free.
set(WENGERT_TEST_LAUNCHER "" CACHE STRING "What runs the tests, as a list of words: valgrind;--error-exitcode=9")

# ---- what needs no test framework ----

# A ctest entry for a CMake script, with the variables that it wants.
function(wg_script_test name script)
    add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} ${ARGN} -P ${PROJECT_SOURCE_DIR}/tests/${script})
    set_tests_properties(${name} PROPERTIES LABELS package TIMEOUT 300)
endfunction()

wg_script_test(layers layers/layers.cmake -D ROOT=${PROJECT_SOURCE_DIR})
wg_script_test(layers_refuse layers/layers_refuse.cmake -D WORK=${PROJECT_BINARY_DIR}/tests/layers)
wg_script_test(exports exports.cmake -D NM=${CMAKE_NM} -D LIBRARY=$<TARGET_FILE:wengert> -D INCLUDE=${PROJECT_SOURCE_DIR}/include)
list(JOIN ZLIB_LIBRARIES " " zlib)
list(JOIN BLAS_LIBRARIES " " blas)

# The documents hold: programs print what is shown, links lead somewhere, names exist.  And what finds that out finds wrong ones.
function(wg_python_test name script)
    if(Python3_FOUND)
        add_test(NAME ${name} COMMAND Python3::Interpreter -B ${PROJECT_SOURCE_DIR}/${script} ${ARGN})
    else()
        add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: there is no python3")
    endif()
    set_tests_properties(${name} PROPERTIES LABELS package TIMEOUT 300 SKIP_REGULAR_EXPRESSION "skipped: ")
endfunction()
if(TARGET docs)
    wg_python_test(site tests/documents/whole_site.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/tests/site ${PROJECT_BINARY_DIR})
endif()
set(link "${CMAKE_C_FLAGS} $<TARGET_FILE:wengert_static> -lm -pthread ${zlib} ${blas}")
if(WENGERT_BUILD_EXAMPLES)
    wg_python_test(docs scripts/documents/check.py --source ${PROJECT_SOURCE_DIR} --build ${PROJECT_BINARY_DIR}
                   --work ${PROJECT_BINARY_DIR}/tests/docs --cc ${CMAKE_C_COMPILER} "--link=${link}")
    set_tests_properties(docs PROPERTIES PROCESSORS 2)
    wg_python_test(api_examples scripts/documents/check_examples.py --source ${PROJECT_SOURCE_DIR} --build ${PROJECT_BINARY_DIR})
    wg_python_test(exercises tests/exercises/answers.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${PROJECT_BINARY_DIR}/tests/exercises
                   ${CMAKE_C_COMPILER} $<TARGET_FILE:exercise_judge> ${link})
    wg_python_test(docs_wrong tests/documents/stored.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/tests/docs_wrong ${CMAKE_C_COMPILER} ${link})
endif()

# Examples that end in a comment with their output print that.
file(GLOB examples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.c)
foreach(source IN LISTS examples)
    cmake_path(GET source STEM name)
    file(READ ${source} text)
    if(TARGET ${name} AND text MATCHES "\n\\*/\n$")
        wg_script_test(example_${name} example.cmake -D SOURCE=${source} -D PROGRAM=$<TARGET_FILE:${name}>)
    endif()
endforeach()

# Each of the slides' programs, in an empty folder, twice.
file(GLOB slides CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/slides/*.c)
foreach(source IN LISTS slides)
    cmake_path(GET source STEM name)
    if(TARGET ${name})
        wg_script_test(slide_${name} slide.cmake -D SOURCE=${source} -D PROGRAM=$<TARGET_FILE:${name}>
                       -D WORK=${PROJECT_BINARY_DIR}/tests/slides/${name})
    endif()
endforeach()

if(TARGET bench)
    wg_script_test(bench bench.cmake -D PROGRAM=$<TARGET_FILE:bench> -D WORK=${PROJECT_BINARY_DIR}/tests/bench)
endif()

# Each public header alone, as C++17.  (As C: target all_verify_interface_header_sets.)
include(CheckLanguage)
check_language(CXX)
if(CMAKE_CXX_COMPILER)
    enable_language(CXX)
    set(alone "")
    foreach(header IN LISTS headers)
        cmake_path(RELATIVE_PATH header BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/include OUTPUT_VARIABLE name)
        set(source ${PROJECT_BINARY_DIR}/tests/headers/${name}.cpp)
        file(CONFIGURE OUTPUT ${source} CONTENT "#include <${name}>\n#include <${name}>\n")
        list(APPEND alone ${source})
    endforeach()
    add_library(wengert_headers_cxx OBJECT ${alone})
    target_include_directories(wengert_headers_cxx PRIVATE ${PROJECT_SOURCE_DIR}/include)
    set_target_properties(wengert_headers_cxx PROPERTIES CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
endif()

wg_script_test(install install.cmake -D BUILD=${PROJECT_BINARY_DIR} -D SOURCE=${PROJECT_SOURCE_DIR} -D WORK=${PROJECT_BINARY_DIR}/tests/install
               -D LIBDIR=${CMAKE_INSTALL_LIBDIR} -D CC=${CMAKE_C_COMPILER} -D CXX=${CMAKE_CXX_COMPILER})
set_tests_properties(install PROPERTIES LABELS "package;install")

# Pages, looked at in a browser.  Skipped where there is none: the test says so.
add_executable(trace_pages ${PROJECT_SOURCE_DIR}/tests/browser/pages.c)
target_link_libraries(trace_pages PRIVATE wengert_static)
set_target_properties(trace_pages PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
wg_python_test(browser_trace tests/browser/trace.py $<TARGET_FILE:trace_pages> ${PROJECT_BINARY_DIR}/tests/browser)
set_tests_properties(browser_trace PROPERTIES LABELS "browser;serial" RUN_SERIAL ON TIMEOUT 600)

# ---- cmocka ----

# cmocka, if it is there for what is being compiled: in a 32-bit build on a 64-bit system it is found, and of no use.  Else the tests make
# do with tests/stand_in.
include(CheckCSourceCompiles)
find_package(PkgConfig)
if(PkgConfig_FOUND)
    pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
endif()
if(CMOCKA_FOUND)
    set(CMAKE_REQUIRED_LIBRARIES PkgConfig::CMOCKA)
    check_c_source_compiles("#include <stdarg.h>
                             #include <stddef.h>
                             #include <stdint.h>
                             #include <setjmp.h>
                             #include <cmocka.h>
                             int main(void) { print_message(\"links\"); }" WG_CMOCKA_LINKS)
    unset(CMAKE_REQUIRED_LIBRARIES)
endif()
if(WG_CMOCKA_LINKS)
    add_library(wengert_cmocka INTERFACE)
    target_link_libraries(wengert_cmocka INTERFACE PkgConfig::CMOCKA)
else()
    message(STATUS "cmocka was not found for this target (packages libcmocka-dev and pkg-config): tests run with the stand-in for it")
    add_library(wengert_cmocka STATIC ${PROJECT_SOURCE_DIR}/tests/stand_in/cmocka.c)
    target_include_directories(wengert_cmocka PUBLIC ${PROJECT_SOURCE_DIR}/tests/stand_in PRIVATE ${PROJECT_SOURCE_DIR}/tests)
endif()

# White-box: tests may include what src includes, and link the static library, where private functions can be reached.
add_library(wengert_white_box INTERFACE)
target_include_directories(wengert_white_box INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
target_include_directories(wengert_white_box SYSTEM INTERFACE ${UTHASH_INCLUDE_DIR})
target_compile_definitions(wengert_white_box INTERFACE ${WG_DEFINITIONS} _DEFAULT_SOURCE= _POSIX_C_SOURCE=200809L)
target_link_libraries(wengert_white_box INTERFACE wengert_static wengert_cmocka Threads::Threads ${WG_LIBM})

file(GLOB support CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/support/*.c)
if(support)
    add_library(wengert_test_support STATIC ${support})
    target_link_libraries(wengert_test_support PUBLIC wengert_white_box)
endif()

# The words after `key: ` in a source's first comment; none if it has no such line.
function(wg_comment_words result source key)
    file(STRINGS ${source} line REGEX "[ *]${key}: " LIMIT_INPUT 2000 LIMIT_COUNT 1)
    set(words "")
    if(line MATCHES "${key}: +([a-z_ ]*[a-z_])")
        string(REPLACE " " ";" words "${CMAKE_MATCH_1}")
    endif()
    set(${result} "${words}" PARENT_SCOPE)
endfunction()

file(GLOB tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/test_*.c)
if(NOT TARGET digits)
    list(FILTER tests EXCLUDE REGEX "/test_(digits|lesson)[.]c$") # of the examples
endif()
if(NOT TARGET bench_steps)
    list(FILTER tests EXCLUDE REGEX "/test_bench[.]c$")
endif()
# For builds that run the tests of one label only.
add_custom_target(tests_threads)
add_custom_target(tests_valgrind)
foreach(source IN LISTS tests)
    cmake_path(GET source STEM name)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE $<TARGET_NAME_IF_EXISTS:wengert_test_support> wengert_white_box)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND ${WENGERT_TEST_LAUNCHER} $<TARGET_FILE:${name}> WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests)
    wg_comment_words(wraps ${source} wraps)
    list(TRANSFORM wraps PREPEND "-Wl,--wrap=")
    target_link_options(${name} PRIVATE ${wraps})
    wg_comment_words(labels ${source} labels)
    set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT 300)
    wg_comment_words(begins ${source} begins)
    if(begins STREQUAL "first")
        set_tests_properties(${name} PROPERTIES COST 100)
    endif()
    if("serial" IN_LIST labels)
        set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
    endif()
    foreach(label IN LISTS labels)
        if(TARGET tests_${label})
            add_dependencies(tests_${label} ${name})
        endif()
    endforeach()
endforeach()
if(TARGET test_bench)
    target_link_libraries(test_bench PRIVATE bench_steps)
    target_include_directories(test_bench PRIVATE ${PROJECT_SOURCE_DIR}/bench)
endif()
if(TARGET test_lesson)
    get_target_property(parts lesson SOURCES)
    target_sources(test_lesson PRIVATE ${parts})
    target_include_directories(test_lesson PRIVATE ${PROJECT_SOURCE_DIR}/examples/slides)
endif()
