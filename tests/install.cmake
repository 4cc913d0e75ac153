# Installs the library, and builds and runs a program against the installed tree, in C and in C++, through find_package and through
# pkg-config, shared and static; then moves the tree and does it all again.
# cmake -D BUILD=<build tree> -D SOURCE=<source tree> -D WORK=<scratch> -D LIBDIR=lib -D CC=cc -D CXX=c++ -P install.cmake
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT result EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\nfailed (${result}):\n${said}")
    endif()
    set(said "${said}" PARENT_SCOPE)
endfunction()

function(expect_answer)
    run(${ARGN})
    if(NOT said MATCHES "^wengert [0-9.]+: 3 12 27, 6 12 18\n$")
        message(FATAL_ERROR "${ARGN} said: ${said}")
    endif()
endfunction()

function(through_find_package language prefix)
    set(build ${WORK}/build-${language})
    file(REMOVE_RECURSE ${build})
    run(${CMAKE_COMMAND} -S ${SOURCE}/tests/consumer-${language} -B ${build} -D CMAKE_PREFIX_PATH=${prefix}
        -D CMAKE_C_COMPILER=${CC} -D CMAKE_CXX_COMPILER=${CXX})
    run(${CMAKE_COMMAND} --build ${build})
    expect_answer(${build}/consumer_shared)
    expect_answer(${build}/consumer_static)
endfunction()

function(through_pkg_config kind prefix compiler source)
    set(option "")
    if(kind STREQUAL "static")
        set(option --static)
    endif()
    run(${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${prefix}/${LIBDIR}/pkgconfig pkg-config ${option} --cflags --libs wengert)
    separate_arguments(flags UNIX_COMMAND "${said}")
    run(${compiler} ${source} -o ${WORK}/consumer ${flags})
    expect_answer(${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${prefix}/${LIBDIR} ${WORK}/consumer)
endfunction()

function(all_consumers prefix)
    through_find_package(c ${prefix})
    through_pkg_config(shared ${prefix} ${CC} ${SOURCE}/tests/consumer-c/main.c)
    if(CXX)
        through_find_package(cxx ${prefix})
        through_pkg_config(shared ${prefix} "${CXX};-std=c++17" ${SOURCE}/tests/consumer-cxx/main.cpp)
    endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/installed)
all_consumers(${WORK}/installed)

file(RENAME ${WORK}/installed ${WORK}/moved)
all_consumers(${WORK}/moved)

# With the shared library out of the way pkg-config's --static has to name everything that the archive needs.
file(GLOB shared ${WORK}/moved/${LIBDIR}/*.so*)
file(REMOVE ${shared})
through_pkg_config(static ${WORK}/moved ${CC} ${SOURCE}/tests/consumer-c/main.c)
