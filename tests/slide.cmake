# A slide's program does its work in an empty folder within seconds, with gnuplot and without, and prints the same both times.
# cmake -D SOURCE=<program.c> -D PROGRAM=<executable> -D WORK=<scratch> -P slide.cmake
cmake_minimum_required(VERSION 3.25)
cmake_path(GET SOURCE STEM name)
file(READ ${SOURCE} source)

# Runs it in a new folder of that name and sets `printed`, without the lines that say where pictures are.
macro(run_in folder)
    file(REMOVE_RECURSE ${WORK}/${folder})
    file(MAKE_DIRECTORY ${WORK}/${folder})
    execute_process(COMMAND ${CMAKE_COMMAND} -E env ${ARGN} ${PROGRAM} WORKING_DIRECTORY ${WORK}/${folder} TIMEOUT 30
                    OUTPUT_VARIABLE printed ERROR_VARIABLE complaint RESULT_VARIABLE status)
    if(NOT status STREQUAL 0 OR NOT complaint STREQUAL "")
        message(FATAL_ERROR "${name} ended with ${status} and said\n${printed}${complaint}")
    endif()
    string(REGEX REPLACE "\n(picture|no picture):[^\n]*" "" printed "${printed}")
    file(GLOB left ${WORK}/${folder}/out/${name}/*.gp)
    if(source MATCHES "plot_begin" AND NOT left)
        message(FATAL_ERROR "${name} left nothing to draw in out/${name}")
    endif()
endmacro()

run_in(here)
set(first "${printed}")
run_in(without_gnuplot PATH=/nonexistent)
if(NOT "${printed}" STREQUAL "${first}")
    message(FATAL_ERROR "printed first\n${first}and then\n${printed}")
endif()
foreach(script IN LISTS left)
    file(STRINGS ${script} lines REGEX "'[^']*[.]csv'")
    foreach(line IN LISTS lines)
        string(REGEX MATCH "'([^']*[.]csv)'" found "${line}")
        if(NOT EXISTS ${WORK}/without_gnuplot/out/${name}/${CMAKE_MATCH_1})
            message(FATAL_ERROR "${script} draws ${CMAKE_MATCH_1}, which is not there")
        endif()
    endforeach()
endforeach()

# A word that it does not know is refused.
execute_process(COMMAND ${PROGRAM} --nonsense OUTPUT_QUIET ERROR_VARIABLE complaint RESULT_VARIABLE status)
if(NOT status EQUAL 2 OR NOT complaint MATCHES "--nonsense")
    message(FATAL_ERROR "${name} --nonsense ended with ${status} and said \"${complaint}\"")
endif()
