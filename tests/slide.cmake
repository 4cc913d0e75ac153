# A slide's program does its work in an empty folder within seconds, with gnuplot and without, and prints the same both times;
# without gnuplot it is also told where to leave its files.
# cmake -D SOURCE=<program.c> -D PROGRAM=<executable> -D WORK=<scratch> -P slide.cmake
cmake_minimum_required(VERSION 3.25)
cmake_path(GET SOURCE STEM name)
file(READ ${SOURCE} source)

# Runs it, with the options, in a new folder of that name and sets `printed`, without the lines that say where pictures are.
macro(run_in folder out path)
    file(REMOVE_RECURSE ${WORK}/${folder})
    file(MAKE_DIRECTORY ${WORK}/${folder})
    execute_process(COMMAND ${CMAKE_COMMAND} -E env PATH=${path} ${PROGRAM} ${ARGN} WORKING_DIRECTORY ${WORK}/${folder} TIMEOUT 30
                    OUTPUT_VARIABLE printed ERROR_VARIABLE complaint RESULT_VARIABLE status)
    if(NOT status STREQUAL 0 OR NOT complaint STREQUAL "")
        message(FATAL_ERROR "${name} ended with ${status} and said\n${printed}${complaint}")
    endif()
    string(REGEX REPLACE "\n(picture|no picture):[^\n]*" "" printed "${printed}")
    file(GLOB left ${WORK}/${folder}/${out}/*.gp)
    if(source MATCHES "plot_begin" AND NOT left)
        message(FATAL_ERROR "${name} left nothing to draw in ${out}")
    endif()
endmacro()

run_in(here out/${name} $ENV{PATH})
set(first "${printed}")
run_in(without_gnuplot new/folder /nonexistent --out new/folder)
if(NOT "${printed}" STREQUAL "${first}")
    message(FATAL_ERROR "printed first\n${first}and then\n${printed}")
endif()
foreach(script IN LISTS left)
    file(STRINGS ${script} lines REGEX "'[^']*[.]csv'")
    foreach(line IN LISTS lines)
        string(REGEX MATCH "'([^']*[.]csv)'" found "${line}")
        if(NOT EXISTS ${WORK}/without_gnuplot/new/folder/${CMAKE_MATCH_1})
            message(FATAL_ERROR "${script} draws ${CMAKE_MATCH_1}, which is not there")
        endif()
    endforeach()
endforeach()

# A word that it does not know is refused.
execute_process(COMMAND ${PROGRAM} --nonsense OUTPUT_QUIET ERROR_VARIABLE complaint RESULT_VARIABLE status)
if(NOT status EQUAL 2 OR NOT complaint MATCHES "--nonsense")
    message(FATAL_ERROR "${name} --nonsense ended with ${status} and said \"${complaint}\"")
endif()
