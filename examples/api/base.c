/* Examples of wengert/base.h: what a statement prints stands behind it. */
#include <stdio.h>
#include <wengert.h>

int main(void)
{
    printf("%s\n", wg_status_name(WG_ERR_ARGUMENT));           /* bad argument */
    printf("%d\n", wg_version()[0] - '0' == WG_VERSION_MAJOR); /* 1 */
    printf("%s\n", wg_dtype_name(WG_I32));                     /* i32 */
    printf("%zu\n", wg_dtype_size(WG_F64));                    /* 8 */

    /* wg_make_shape is what WG_SHAPE(2, 3) expands to, wg_make_axes what WG_AXES(0, -1) does */
    wg_shape s = wg_make_shape(2, (int64_t[]){2, 3});
    wg_axes ends = wg_make_axes(2, (int64_t[]){0, -1});
    printf("%d, %d axes\n", wg_shape_equal(s, WG_SHAPE(2, 3)), (int)ends.n); /* 1, 2 axes */
    printf("%d\n", wg_shape_equal(s, WG_SHAPE(3, 2))); /* 0 */
    printf("%d\n", (int)wg_shape_count(s)); /* 6 */
}
