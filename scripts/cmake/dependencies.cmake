# What the library stands on: libc, libm, pthreads and uthash; zlib if it is there.  Nothing is downloaded.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

set(WG_LIBM m) # a part of every POSIX system

find_path(UTHASH_INCLUDE_DIR uthash.h DOC "Folder of uthash.h")
if(NOT UTHASH_INCLUDE_DIR)
    message(FATAL_ERROR "uthash.h was not found.  Install the package uthash-dev (Debian, Ubuntu), uthash-devel (Fedora) or "
                        "uthash (Arch, Homebrew), or set UTHASH_INCLUDE_DIR to its folder.")
endif()

find_package(ZLIB)
if(NOT ZLIB_FOUND)
    message(STATUS "zlib was not found (package zlib1g-dev): .gz data files will not be read")
endif()

option(WENGERT_BLAS "Matrix products by a CBLAS library in place of the built-in kernels" OFF)
if(WENGERT_BLAS)
    find_package(BLAS REQUIRED)
    find_path(CBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas blis DOC "Folder of cblas.h")
    if(NOT CBLAS_INCLUDE_DIR)
        message(FATAL_ERROR "cblas.h was not found.  Install the package libopenblas-dev or libblis-dev (Debian, Ubuntu), or set "
                            "CBLAS_INCLUDE_DIR to its folder, and BLA_VENDOR or BLAS_LIBRARIES if it is not the BLAS found.")
    endif()
endif()
