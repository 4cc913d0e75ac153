/* Examples of wengert/data.h: what a statement prints stands behind it. */
#include <stdio.h>
#include <wengert.h>

int main(void)
{
    /* wg_draw_digits, wg_digits_free: ten in a row are 0 to 9 */
    wg_digits d;
    wg_draw_digits(1, 20, &d, NULL);
    int sum = 0;
    for (int i = 0; i < 10; i++)
        sum += d.labels[i];
    printf("%d images, labels sum to %d\n", (int)d.count, sum);  /* 20 images, labels sum to 45 */
    printf("%d by %d pixels\n", (int)d.rows, (int)d.columns);    /* 28 by 28 pixels */
    wg_digits_free(&d);

    /* wg_read_idx: what is missing is named */
    wg_digits m;
    wg_message why;
    printf("%s\n", wg_status_name(wg_read_idx("images", "labels", &m, &why)));
                              /* input or output failed */
    printf("%s\n", why.text); /* "images": wants a file of this name, plain or with .gz after it,
                               * got neither */
}
