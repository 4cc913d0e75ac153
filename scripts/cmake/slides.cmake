# The course slides as programs: examples/slides/*.c, each linked with what they share.
file(GLOB parts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/slides/lesson/*.c)
add_library(lesson STATIC ${parts} ${PROJECT_SOURCE_DIR}/examples/digits/launch.c ${PROJECT_SOURCE_DIR}/examples/digits/folder.c)
target_link_libraries(lesson PUBLIC wengert ${WG_LIBM})
wg_programs(examples/slides lesson)
