#include "support/passes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

int64_t passes_values(wg_tensor *y, unsigned skip, double *v)
{
    assert_non_null(y);
    wg_program *p = wg_compile_with(1, &y, &(wg_compile_options){.skip = skip});
    assert_non_null(p);
    assert_int_equal(wg_run(p), WG_OK);
    assert_int_equal(wg_get_f64(y, v), WG_OK);
    const int64_t n = wg_count_of(y);
    wg_tape_free(wg_tape_of(y));
    return n;
}
