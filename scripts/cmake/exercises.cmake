# The exercises, each as it is given (examples/exercises/NAME.c) and solved (solutions/NAME.c), linked with their judge.
file(GLOB parts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/exercises/judge/*.c)
add_library(exercise_judge STATIC ${parts})
target_link_libraries(exercise_judge PUBLIC wengert ${WG_LIBM})
wg_programs(examples/exercises exercise_judge exercise_)
wg_programs(examples/exercises/solutions exercise_judge solution_)
