/* What status codes are called, and the library's version. */
#include <wengert/base.h>

#define TEXT(x) #x
#define VERSION(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)

const char *wg_status_name(wg_status s)
{
    static const char *const name[] = {
        [WG_OK] = "ok",
        [WG_ERR_ARGUMENT] = "bad argument",
        [WG_ERR_MEMORY] = "out of memory",
        [WG_ERR_DATA] = "bad data",
        [WG_ERR_IO] = "input or output failed",
        [WG_ERR_NONFINITE] = "not finite",
        [WG_ERR_CHECK] = "wrong derivative",
    };
    return (unsigned)s < sizeof name / sizeof *name ? name[s] : "unknown status";
}

const char *wg_version(void)
{
    return VERSION(WG_VERSION_MAJOR, WG_VERSION_MINOR, WG_VERSION_PATCH);
}
