# The benchmark measures what is asked for, and its file is what it promises: an array of objects with name, ours, reference, ratio and
# unit.      cmake -D PROGRAM=<bench> -D WORK=<folder> -P bench.cmake
cmake_minimum_required(VERSION 3.25)
file(MAKE_DIRECTORY ${WORK})

# Runs it on some names and leaves the names that it measured.
function(measure result)
    execute_process(COMMAND ${PROGRAM} --seconds 0.001 --json ${WORK}/bench.json ${ARGN}
                    OUTPUT_VARIABLE table RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "bench ${ARGN}: status ${status}")
    endif()
    file(READ ${WORK}/bench.json text)
    string(JSON count LENGTH "${text}")
    set(names "")
    while(count GREATER 0)
        math(EXPR count "${count} - 1")
        string(JSON name GET "${text}" ${count} name)
        string(JSON unit GET "${text}" ${count} unit)
        foreach(field ours reference ratio)
            string(JSON type TYPE "${text}" ${count} ${field})
            string(JSON ${field} GET "${text}" ${count} ${field})
            if(NOT type STREQUAL NUMBER OR NOT ${field} GREATER 0)
                message(FATAL_ERROR "${name}: ${field} is ${${field}}, of type ${type}")
            endif()
        endforeach()
        # The table begins with the ratio and says the name and the unit.
        string(REGEX MATCH "[^\n]* ${name} [^\n]*${unit}" line "${table}")
        if(line STREQUAL "" OR unit STREQUAL "")
            message(FATAL_ERROR "${name}, in \"${unit}\": not in the table\n${table}")
        endif()
        list(PREPEND names ${name})
    endwhile()
    set(${result} "${names}" PARENT_SCOPE)
endfunction()

function(expect expected)
    measure(names ${ARGN})
    if(NOT names STREQUAL expected)
        message(FATAL_ERROR "bench ${ARGN}: measured ${names}, expected ${expected}")
    endif()
endfunction()

expect("train/a;gemm/f32/16x16x16/NN;tape/record" train/a 16x16x16 tape/record)                   # parts of names
expect("elementwise/f32/exp;tape/backward" "*/ex[p]" "tape/b*")                                   # patterns
expect("memory/a" memory/a)
expect("" nothing)
execute_process(COMMAND ${PROGRAM} --unknown RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
if(NOT status EQUAL 2)
    message(FATAL_ERROR "an unknown option: status ${status}")
endif()
