# Benchmarks: every bench/*.c is a program.  What bench.c measures the library against is a library of its own, so that tests can hold
# both to the same losses: bench/steps is the networks, bench/reference their training steps written by hand.
wg_programs(bench wengert_static)

file(GLOB reference CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/reference/*.c)
file(GLOB steps CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/steps/*.c)
add_library(bench_steps STATIC ${steps} ${reference} ${PROJECT_SOURCE_DIR}/bench/gemm/peak.c)
target_include_directories(bench_steps PRIVATE ${PROJECT_SOURCE_DIR}/src) # reference/product.c calls the library's own product kernels
target_link_libraries(bench_steps PUBLIC wengert_static ${WG_LIBM})

# Hand-written code is compiled for this machine alone, as who writes by hand may do, and with every a * b + c one instruction.
set(flags -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math -ffinite-math-only -fno-signed-zeros -Wno-psabi)
check_c_compiler_flag(-march=native BENCH_TAKES_NATIVE)
if(BENCH_TAKES_NATIVE)
    list(APPEND flags -march=native)
endif()
set_source_files_properties(${reference} PROPERTIES COMPILE_OPTIONS "${flags}")

# A CBLAS competes with the library's own products for the references.
find_library(BENCH_CBLAS NAMES openblas blis cblas DOC "A library with the CBLAS interface")
find_path(BENCH_CBLAS_INCLUDE cblas.h PATH_SUFFIXES openblas openblas-pthread blis x86_64-linux-gnu x86_64-linux-gnu/openblas-pthread)
if(BENCH_CBLAS AND BENCH_CBLAS_INCLUDE)
    target_compile_definitions(bench_steps PRIVATE BENCH_CBLAS)
    target_include_directories(bench_steps SYSTEM PRIVATE ${BENCH_CBLAS_INCLUDE})
    target_link_libraries(bench_steps PRIVATE ${BENCH_CBLAS})
endif()

target_sources(bench PRIVATE ${PROJECT_SOURCE_DIR}/bench/gemm/products.c)
target_link_libraries(bench PRIVATE bench_steps)
