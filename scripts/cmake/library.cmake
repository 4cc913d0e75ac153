# The library, compiled once and linked twice: shared (wengert) and static (wengert_static).
#
# src/**/*.isa.c is compiled once for each instruction set that the compiler knows, with WG_ISA naming it; the library picks one of
# them when a program is compiled.  The rest is compiled for the baseline.
include(CheckCCompilerFlag)

file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.c)
set(isa_sources ${sources})
list(FILTER isa_sources INCLUDE REGEX "\\.isa\\.c$")
list(FILTER sources EXCLUDE REGEX "\\.isa\\.c$")

# Results must not depend on what the compiler fuses, so a*b + c is two roundings wherever FMA is not written.  Never -ffast-math:
# it changes the whole process's rounding state.
set(WG_LIBRARY_FLAGS -ffp-contract=off)
# 32-bit x86 would compute in registers of 80 bits, and round when a value happens to be stored: results that depend on what the compiler
# keeps in registers.  SSE2 rounds every operation.
string(REGEX MATCH "^(x86_64|AMD64|amd64|i[3-6]86)$" x86 "${CMAKE_SYSTEM_PROCESSOR}")
if(x86 AND CMAKE_SIZEOF_VOID_P EQUAL 4)
    list(APPEND WG_LIBRARY_FLAGS -msse2 -mfpmath=sse)
endif()
# Kernels: loops vectorise only if libm's errno and the trap flags may be ignored.
set(WG_KERNEL_FLAGS $<$<CONFIG:Release,RelWithDebInfo>:-O3> -fno-math-errno -fno-trapping-math)
set(WG_DEFINITIONS "")
if(ZLIB_FOUND)
    list(APPEND WG_DEFINITIONS WG_HAVE_ZLIB)
endif()
if(WENGERT_BLAS)
    list(APPEND WG_DEFINITIONS WG_HAVE_BLAS)
endif()
option(WENGERT_MUTATION "Let the environment break derivative rules, to test the tests (scripts/mutate); for no other build" OFF)
mark_as_advanced(WENGERT_MUTATION)
if(WENGERT_MUTATION)
    list(APPEND WG_DEFINITIONS WENGERT_MUTATION)
endif()

# What a compiler without vector extensions makes of the kernels.
option(WENGERT_VECTOR "Kernels use the compiler's vector extensions, if it has them" ON)
mark_as_advanced(WENGERT_VECTOR)
if(NOT WENGERT_VECTOR)
    list(APPEND WG_DEFINITIONS WG_NO_VECTOR)
endif()

set(isa_levels baseline)
set(flags_baseline "")
set(flags_avx2 -mavx2 -mfma)
set(flags_avx512 ${flags_avx2} -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512)
if(x86)
    foreach(level avx2 avx512)
        list(JOIN flags_${level} " " flags)
        string(TOUPPER ${level} upper)
        check_c_compiler_flag("${flags}" WG_TAKES_${upper})
        if(WG_TAKES_${upper})
            list(APPEND isa_levels ${level})
            list(APPEND WG_DEFINITIONS WG_HAVE_${upper})
        endif()
    endforeach()
endif()

# Objects of both libraries: position independent, and hidden unless WG_API says otherwise.
function(wg_objects name)
    add_library(${name} OBJECT ${ARGN})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
    target_include_directories(${name} SYSTEM PRIVATE ${UTHASH_INCLUDE_DIR} $<$<BOOL:${WENGERT_BLAS}>:${CBLAS_INCLUDE_DIR}>)
    target_compile_options(${name} PRIVATE ${WG_LIBRARY_FLAGS})
    target_compile_definitions(${name} PRIVATE ${WG_DEFINITIONS})
    target_link_libraries(${name} PRIVATE Threads::Threads $<TARGET_NAME_IF_EXISTS:ZLIB::ZLIB>)
endfunction()

# Files that are part of the library as they are: their bytes, as an array of C.
function(wg_embed file name)
    set(source ${PROJECT_BINARY_DIR}/embedded/${name}.c)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${file})
    file(READ ${PROJECT_SOURCE_DIR}/${file} bytes HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
    file(CONFIGURE OUTPUT ${source} CONTENT
         "#include <stddef.h>\nextern const char ${name}[];\nextern const size_t ${name}_size;\nconst char ${name}[] = {\n@bytes@};\nconst size_t ${name}_size = sizeof ${name};\n"
         @ONLY)
    set(sources ${sources} ${source} PARENT_SCOPE)
endfunction()
wg_embed(src/look/trace_page.html wg_trace_page)

wg_objects(wengert_objects ${sources})
set(objects $<TARGET_OBJECTS:wengert_objects>)
set(kernel_sources ${sources})
list(FILTER kernel_sources INCLUDE REGEX "/src/kernels/")
set_source_files_properties(${kernel_sources} PROPERTIES COMPILE_OPTIONS "${WG_KERNEL_FLAGS}")

if(isa_sources)
    foreach(level IN LISTS isa_levels)
        wg_objects(wengert_${level} ${isa_sources})
        target_compile_options(wengert_${level} PRIVATE ${WG_KERNEL_FLAGS} ${flags_${level}})
        target_compile_definitions(wengert_${level} PRIVATE WG_ISA=${level})
        list(APPEND objects $<TARGET_OBJECTS:wengert_${level}>)
    endforeach()
endif()

file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/*.h)
set_source_files_properties(${headers} PROPERTIES LANGUAGE C) # for the target that compiles each of them alone
add_library(wengert SHARED ${objects})
add_library(wengert_static STATIC ${objects})
add_library(wengert::wengert ALIAS wengert)
add_library(wengert::static ALIAS wengert_static)
foreach(target wengert wengert_static)
    target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${headers})
    target_compile_features(${target} INTERFACE c_std_11)
    target_link_libraries(${target} PRIVATE Threads::Threads $<TARGET_NAME_IF_EXISTS:ZLIB::ZLIB> $<TARGET_NAME_IF_EXISTS:BLAS::BLAS> ${WG_LIBM})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME wengert LINKER_LANGUAGE C VERIFY_INTERFACE_HEADER_SETS ON)
endforeach()
set_target_properties(wengert PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
set_target_properties(wengert_static PROPERTIES EXPORT_NAME static)
