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
