/* The main job from end to end: examples/digits run as its users run it. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wengert/data.h>

#include <cmocka.h>

static char program[4096]; /* the digits that was built beside this test */
static char folder[64];    /* a test's own, where the program runs */

/* ---- folders ---- */

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/wengert-digits-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

/* A tree two folders deep at most. */
static void remove_tree(const char *path, int depth)
{
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        char inner[1024];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (snprintf(inner, sizeof inner, "%s/%s", path, e->d_name) >= (int)sizeof inner)
            continue;
        if (remove(inner) && depth < 4)
            remove_tree(inner, depth + 1);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

static int remove_folder(void **state)
{
    (void)state;
    remove_tree(folder, 0);
    return 0;
}

static bool exists(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* A file's text, to be freed. */
static char *text_of(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("%s is missing", path);
    size_t room = 1 << 20;
    char *text = malloc(room);
    assert_non_null(text);
    text[fread(text, 1, room - 1, f)] = 0;
    fclose(f);
    return text;
}

/* ---- runs ---- */

typedef struct run {
    int status;
    char out[1 << 15], err[1 << 12];
} run;

/* What differs from run to run beside the options; NULL: not set. */
static const char *path_variable, *data_variable;

static void child(const char *options, int out, int err)
{
    char words[2048], *argv[40] = {program};
    int n = 1;
    snprintf(words, sizeof words, "%s", options);
    for (char *w = strtok(words, "|"); w && n < 39; w = strtok(NULL, "|"))
        argv[n++] = w;
    unsetenv("WENGERT_DATA");
    if (data_variable)
        setenv("WENGERT_DATA", data_variable, 1);
    if (path_variable)
        setenv("PATH", path_variable, 1);
    if (chdir(folder) || dup2(out, 1) < 0 || dup2(err, 2) < 0)
        _exit(99);
    execv(program, argv);
    _exit(98);
}

static void read_back(FILE *f, char *text, size_t room)
{
    rewind(f);
    text[fread(text, 1, room - 1, f)] = 0;
    fclose(f);
}

/* Where stdout goes if not to a file that is read back. */
static const char *out_device;

/* Options are split at each |. */
static run digits(const char *options)
{
    static run r;
    FILE *out = out_device ? fopen(out_device, "r+") : tmpfile(), *err = tmpfile();
    assert_true(out && err);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(options, fileno(out), fileno(err));
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    r.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
    read_back(out, r.out, sizeof r.out);
    read_back(err, r.err, sizeof r.err);
    return r;
}

static void ends_with_status(const run *r, int status)
{
    if (r->status != status)
        fail_msg("wanted exit status %d, got %d\n%s%s", status, r->status, r->out, r->err);
}

static void says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("wanted \"%s\" in\n%s", part, text);
}

/* Of the last line, which must be `test accuracy: 95.12 %`. */
static double accuracy(const run *r)
{
    ends_with_status(r, 0);
    assert_string_equal(r->err, "");
    const char *last = strrchr(r->out, '\n');
    assert_non_null(last);
    assert_int_equal(last[1], 0);
    while (last > r->out && last[-1] != '\n')
        last--;
    double percent = -1;
    char line[64];
    assert_int_equal(sscanf(last, "test accuracy: %lf %%", &percent), 1);
    snprintf(line, sizeof line, "test accuracy: %.2f %%\n", percent);
    assert_string_equal(last, line);
    return percent;
}

#define SMALL "--train|1500|--test|300|--epochs|6|"

static int setup(void **state)
{
    path_variable = "/nonexistent"; /* pictures take time: most tests do without */
    data_variable = NULL;
    out_device = NULL;
    return make_folder(state);
}

/* ---- tests ---- */

/* The matrix's counts, row by row. */
static void read_confusion(const char *out, int table[10][10])
{
    const char *at = strstr(out, "the network says\n");
    assert_non_null(at);
    at = strchr(strchr(at, '\n') + 1, '\n');
    for (int r = 0; r < 10; r++) {
        int row, used;
        assert_int_equal(sscanf(at, "%d%n", &row, &used), 1);
        assert_int_equal(row, r);
        at += used;
        for (int c = 0; c < 10; c++) {
            char word[16];
            assert_int_equal(sscanf(at, "%15s%n", word, &used), 1);
            table[r][c] = strcmp(word, ".") == 0 ? 0 : atoi(word);
            at += used;
        }
    }
}

static void learns_and_tells(void **state)
{
    (void)state;
    run r = digits(SMALL "--out|here");
    double percent = accuracy(&r);
    assert_true(percent >= 88);
    says(r.out, "network: 784-30-10, sigmoid, mse; batch 10, rate 3, epochs 6, seed 1\n");
    says(r.out, "gradients in f64: ");
    says(r.out, "worst error ");
    says(r.out, " at \"");
    says(r.out, "epoch   1/6  cost 0.");
    says(r.out, "epoch   6/6  cost 0.");
    says(r.out, " examples/s  0 s left\n");
    assert_null(strchr(r.out, '\r'));
    int table[10][10], right = 0, all = 0;
    read_confusion(r.out, table);
    for (int i = 0; i < 10; i++)
        for (int k = 0; k < 10; k++) {
            all += table[i][k];
            right += i == k ? table[i][k] : 0;
        }
    assert_int_equal(all, 300);
    assert_true(right > (percent - 0.01) * 3 && right < (percent + 0.01) * 3);
    char *curves = text_of("here/curves.csv");
    says(curves, "epoch,cost,accuracy\n1,0.");
    says(curves, "\n6,0.");
    free(curves);
}

static void without_programs_their_input_is_left(void **state)
{
    (void)state;
    run r = digits("--train|200|--test|50|--epochs|1");
    accuracy(&r);
    says(r.out, "no network.svg: dot was not found; its input is left: out/network.dot\n");
    says(r.out, "no curves.png: gnuplot was not found; its input is left: out/curves.gp\n");
    says(r.out, "no digits.png: gnuplot was not found; its input is left: out/digits.gp\n");
    const char *left[] = {"network.dot", "curves.gp", "curves.csv", "digits.gp", "digits.txt"};
    for (int i = 0; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "out/%s", left[i]);
        assert_true(exists(name));
    }
    assert_false(exists("out/network.svg"));
}

static bool starts_with(const char *name, const char *magic)
{
    char *text = text_of(name);
    bool good = memcmp(text, magic, strlen(magic)) == 0;
    free(text);
    return good;
}

/* With the programs at hand, and a folder whose name a shell would take for commands. */
static void draws_pictures_into_any_folder(void **state)
{
    (void)state;
    path_variable = NULL;
    const char *odd = "a 'b\" $(touch oops);`touch oops`/c\\d";
    char options[128];
    snprintf(options, sizeof options, "--train|200|--test|50|--epochs|2|--out|%s", odd);
    run r = digits(options);
    accuracy(&r);
    assert_false(exists("oops"));
    const char *picture[] = {"network.svg", "curves.png", "digits.png"};
    const char *magic[] = {"<?xml", "\x89PNG", "\x89PNG"};
    for (int i = 0; i < 3; i++) {
        char line[256], name[128];
        snprintf(name, sizeof name, "%s/%s", odd, picture[i]);
        snprintf(line, sizeof line, "picture: %s\n", name);
        if (strstr(r.out, line))
            assert_true(starts_with(name, magic[i]));
        else
            says(r.out, " was not found; its input is left: ");
    }
}

static void same_seed_same_run(void **state)
{
    (void)state;
    const char *options[] = {"--out|a", "--out|b", "--out|c|--seed|2", "--out|d|--threads|2"};
    char *curves[4];
    for (int i = 0; i < 4; i++) {
        char all[128], name[32];
        snprintf(all, sizeof all, SMALL "%s", options[i]);
        run r = digits(all);
        accuracy(&r);
        snprintf(name, sizeof name, "%c/curves.csv", 'a' + i);
        curves[i] = text_of(name);
    }
    assert_string_equal(curves[0], curves[1]);
    assert_string_not_equal(curves[0], curves[2]);
    assert_string_equal(curves[0], curves[3]);
    for (int i = 0; i < 4; i++)
        free(curves[i]);
}

static void every_shape_and_loss_learns(void **state)
{
    (void)state;
    const char *activation[] = {"sigmoid", "tanh", "relu"}, *loss[] = {"mse", "cross-entropy"};
    for (int a = 0; a < 3; a++)
        for (int l = 0; l < 2; l++) {
            char options[256];
            snprintf(options, sizeof options, SMALL "--hidden=20,15|--activation|%s|--loss=%s",
                     activation[a], loss[l]);
            run r = digits(options);
            assert_true(accuracy(&r) >= 70);
        }
}

/* Batches that do not divide the digits, exceed them, or are one digit; sets of one digit. */
static void any_batch_does(void **state)
{
    (void)state;
    const char *options[] = {"--train|103|--test|7|--batch|10", "--train|103|--test|7|--batch|102",
                             "--train|103|--test|7|--batch|500", "--train|13|--test|7|--batch|1",
                             "--train|1|--test|1"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char all[128];
        snprintf(all, sizeof all, "%s|--epochs|2", options[i]);
        run r = digits(all);
        assert_true(accuracy(&r) >= 0);
        bool cut = strstr(r.out, "--batch 500 is cut to 103: there are no more digits\n") != NULL;
        assert_int_equal(cut, i == 2);
        assert_true(!cut || strstr(r.out, "; batch 103, "));
    }
}

static void wrong_options_say_what_was_expected(void **state)
{
    (void)state;
    const struct {
        const char *options, *text;
    } table[] = {
        {"--frobnicate", "wants options that --help lists, got \"--frobnicate\""},
        {"digits", "wants options that --help lists, got \"digits\""},
        {"--rat|3", "wants options that --help lists, got \"--rat\""},
        {"--rate", "--rate wants a number above 0, got nothing"},
        {"--rate|0", "--rate wants a number above 0, got \"0\""},
        {"--rate|-1", "--rate wants a number above 0, got \"-1\""},
        {"--rate|nan", "--rate wants a number above 0, got \"nan\""},
        {"--rate|inf", "--rate wants a number above 0, got \"inf\""},
        {"--rate|1e400", "--rate wants a number above 0, got \"1e400\""},
        {"--rate|3x", "--rate wants a number above 0, got \"3x\""},
        {"--rate=", "--rate wants a number above 0, got \"\""},
        {"--batch|0", "--batch wants a whole number from 1 to 1000000, got \"0\""},
        {"--batch|10.5", "--batch wants a whole number from 1 to 1000000, got \"10.5\""},
        {"--epochs|-3", "--epochs wants a whole number from 1 to 1000000, got \"-3\""},
        {"--epochs|99999999999999999999", "--epochs wants a whole number from 1 to 1000000"},
        {"--train|0", "--train wants a whole number from 1 to 1000000, got \"0\""},
        {"--test|x", "--test wants a whole number from 1 to 1000000, got \"x\""},
        {"--seed|-1", "--seed wants a whole number from 0 to 2^64 - 1, got \"-1\""},
        {"--seed|18446744073709551616", "--seed wants a whole number from 0 to 2^64 - 1"},
        {"--threads|0", "--threads wants a whole number from 1 to 256, got \"0\""},
        {"--hidden|30,", "--hidden wants 1 to 8 whole numbers from 1 to 10000, like 30,20, got"},
        {"--hidden|,30", "--hidden wants 1 to 8 whole numbers"},
        {"--hidden|0", "--hidden wants 1 to 8 whole numbers"},
        {"--hidden|30;20", "--hidden wants 1 to 8 whole numbers"},
        {"--hidden|1,2,3,4,5,6,7,8,9", "--hidden wants 1 to 8 whole numbers"},
        {"--activation|sigmoyd", "--activation wants sigmoid, tanh or relu, got \"sigmoyd\""},
        {"--loss|square", "--loss wants mse or cross-entropy, got \"square\""},
        {"--out=", "--out wants a folder, got \"\""},
        {"--data=", "--data wants a folder, got \"\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        run r = digits(table[i].options);
        ends_with_status(&r, 2);
        assert_string_equal(r.out, "");
        says(r.err, "digits: ");
        says(r.err, table[i].text);
    }
    assert_false(exists("out"));
}

static void help_lists_every_option(void **state)
{
    static const char *const name[] = {"--data", "--out",     "--hidden", "--activation", "--loss",
                                       "--rate", "--batch",   "--epochs", "--train",      "--test",
                                       "--seed", "--threads", "--help"};
    (void)state;
    run r = digits("--help");
    ends_with_status(&r, 0);
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        says(r.out, name[i]);
    char *text = strdup(r.out);
    assert_non_null(text);
    r = digits("-h");
    ends_with_status(&r, 0);
    assert_string_equal(r.out, text);
    free(text);
    assert_false(exists("out"));
}

static void folders_that_cannot_be_are_told(void **state)
{
    (void)state;
    run r = digits(SMALL "--out|/dev/null/pictures");
    ends_with_status(&r, 1);
    says(r.err, "digits: \"/dev/null/pictures\": wants a folder that exists or can be made: ");
    r = digits(SMALL "--out|/dev/null");
    ends_with_status(&r, 1);
    says(r.err, "Not a directory");
    r = digits("--train|20|--test|5|--epochs|1|--out|x//y/./z/");
    accuracy(&r);
    assert_true(exists("x/y/z/network.dot"));
}

static void output_that_is_lost_is_a_failure(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK)) {
        print_message("skipped: no /dev/full\n");
        skip();
    }
    const char *options[] = {"--help", "--train|20|--test|5|--epochs|1"};
    for (int i = 0; i < 2; i++) {
        out_device = "/dev/full";
        run r = digits(options[i]);
        ends_with_status(&r, 1);
        says(r.err, "digits: wants a standard output that can be written to, got one that fails\n");
    }
}

/* A dot and a gnuplot that give up as theirs do: what they read, a caret, and the reason. */
static void programs_that_fail_say_why(void **state)
{
    (void)state;
    const char *name[] = {"dot", "gnuplot"};
    for (int i = 0; i < 2; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, name[i]);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fprintf(f, "#!/bin/sh\n%s",
                i ? "printf '\\nplot\\n  ^\\nline 3: no such terminal\\n\\n' >&2\n"
                    "exit 1\n"
                  : "exit 3\n");
        assert_int_equal(fclose(f), 0);
        assert_int_equal(chmod(path, 0755), 0);
    }
    path_variable = folder;
    run r = digits("--train|20|--test|5|--epochs|1");
    accuracy(&r);
    says(r.out, "no network.svg: dot failed; its input is left: out/network.dot\n");
    says(r.out, "no curves.png: gnuplot failed (line 3: no such terminal); its input is left: ");
}

static void too_high_a_rate_is_told(void **state)
{
    (void)state;
    run r = digits(SMALL "--activation|relu|--loss|cross-entropy|--rate|1e30");
    ends_with_status(&r, 1);
    says(r.err, "digits: the cost is no number any more: try a --rate below 1e+30\n");
}

/* ---- files ---- */

static void write_idx(const char *part, const wg_digits *d)
{
    const uint8_t n[4] = {0, 0, (uint8_t)(d->count >> 8), (uint8_t)d->count};
    for (int images = 0; images < 2; images++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s-%s-ubyte", folder, part,
                 images ? "images-idx3" : "labels-idx1");
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        const uint8_t magic[4] = {0, 0, 8, images ? 3 : 1}, side[8] = {0, 0, 0, 28, 0, 0, 0, 28};
        fwrite(magic, 1, 4, f);
        fwrite(n, 1, 4, f);
        if (images)
            fwrite(side, 1, 8, f);
        fwrite(images ? d->pixels : d->labels, 1, (size_t)d->count * (images ? 784 : 1), f);
        assert_int_equal(fclose(f), 0);
    }
}

static void write_drawn_files(uint64_t seed, int64_t train, int64_t test)
{
    wg_digits d;
    assert_int_equal(wg_draw_digits(seed, train, &d, NULL), WG_OK);
    write_idx("train", &d);
    wg_digits_free(&d);
    assert_int_equal(wg_draw_digits(~seed, test, &d, NULL), WG_OK);
    write_idx("t10k", &d);
    wg_digits_free(&d);
}

/* The same digits from files give the same run, named by the option or by the environment. */
static void files_do_as_drawing_does(void **state)
{
    (void)state;
    write_drawn_files(1, 400, 100);
    run r = digits("--train|400|--test|100|--epochs|3|--out|drawn");
    accuracy(&r);
    r = digits("--epochs|3|--data|.|--out|read");
    accuracy(&r);
    says(r.out, "digits: 400 to learn from, 100 to be tested on, from .\n");
    data_variable = ".";
    r = digits("--epochs|3|--out|found");
    accuracy(&r);
    r = digits("--epochs|3|--train|300|--test|1000000|--out|fewer");
    says(r.out, "--test 1000000 is cut to 100: there are no more digits\n");
    says(r.out, "digits: 300 to learn from, 100 to be tested on, from .\n");
    char *drawn = text_of("drawn/curves.csv"), *read = text_of("read/curves.csv");
    char *found = text_of("found/curves.csv"), *fewer = text_of("fewer/curves.csv");
    assert_string_equal(drawn, read);
    assert_string_equal(drawn, found);
    assert_string_not_equal(drawn, fewer);
    free(drawn);
    free(read);
    free(found);
    free(fewer);
}

static void bad_files_are_named(void **state)
{
    (void)state;
    run r = digits("--data|/nonexistent");
    ends_with_status(&r, 1);
    says(r.err,
         "digits: \"/nonexistent/train-images-idx3-ubyte\": wants a file of this name, plain or");
    data_variable = "/nowhere";
    r = digits("");
    ends_with_status(&r, 1);
    says(r.err, "digits: \"/nowhere/train-images-idx3-ubyte\": wants ");
    data_variable = NULL;
    write_drawn_files(1, 20, 10);
    char path[256];
    snprintf(path, sizeof path, "%s/t10k-images-idx3-ubyte", folder);
    assert_int_equal(truncate(path, 1000), 0);
    r = digits("--data|.");
    ends_with_status(&r, 1);
    says(r.err,
         "digits: \"./t10k-images-idx3-ubyte\": wants 7856 bytes (10 images of 28 x 28), got a "
         "truncated one of 1000\n");
    write_drawn_files(1, 20, 0);
    r = digits("--data|.");
    ends_with_status(&r, 1);
    says(r.err, "digits: \"./t10k-images-idx3-ubyte\": wants at least one image, got none\n");
    write_drawn_files(1, 0, 10);
    r = digits("--data|.");
    ends_with_status(&r, 1);
    says(r.err, "digits: \"./train-images-idx3-ubyte\": wants at least one image, got none\n");
}

/* Of as many pixels, so that both files are good ones. */
static void images_of_two_sizes_are_refused(void **state)
{
    (void)state;
    write_drawn_files(1, 20, 10);
    char path[256];
    snprintf(path, sizeof path, "%s/train-images-idx3-ubyte", folder);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    const uint8_t side[8] = {0, 0, 0, 56, 0, 0, 0, 14};
    assert_int_equal(fseek(f, 8, SEEK_SET), 0);
    fwrite(side, 1, 8, f);
    assert_int_equal(fclose(f), 0);
    run r = digits("--data|.");
    ends_with_status(&r, 1);
    says(r.err, "digits: \"./train-images-idx3-ubyte\" and \"./t10k-images-idx3-ubyte\": wants "
                "images of one size, got 56 x 14 and 28 x 28\n");
}

/* The two runs that the book promises, where the files are at hand. */
static void learns_mnist(void **state)
{
    (void)state;
    data_variable = getenv("WENGERT_DATA");
    if (!data_variable || !*data_variable) {
        print_message("skipped: WENGERT_DATA does not name a folder with the MNIST files\n");
        skip();
    }
    run r = digits("--epochs|6");
    assert_true(accuracy(&r) >= 94.5);
    r = digits("--hidden|100|--loss|cross-entropy|--rate|0.5|--epochs|6");
    assert_true(accuracy(&r) >= 97);
}

/* ---- on a terminal ---- */

static void a_terminal_gets_a_line_that_is_redrawn(void **state)
{
    (void)state;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) || unlockpt(terminal)) {
        print_message("skipped: no pseudo-terminal\n");
        skip();
    }
    int slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child("--train|10000|--test|100|--epochs|3|--batch|2", slave, slave);
    close(slave);
    static char text[1 << 16];
    size_t have = 0;
    for (ssize_t got; (got = read(terminal, text + have, sizeof text - 1 - have)) > 0;)
        have += (size_t)got;
    text[have] = 0;
    close(terminal);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    says(text, "\repoch   3/3  cost ");
    says(text, "\033[K\r\n");
    says(text, "test accuracy: ");
}

#define OWN_FOLDER(f) cmocka_unit_test_setup_teardown(f, setup, remove_folder)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        OWN_FOLDER(learns_and_tells),
        OWN_FOLDER(without_programs_their_input_is_left),
        OWN_FOLDER(draws_pictures_into_any_folder),
        OWN_FOLDER(same_seed_same_run),
        OWN_FOLDER(every_shape_and_loss_learns),
        OWN_FOLDER(any_batch_does),
        OWN_FOLDER(wrong_options_say_what_was_expected),
        OWN_FOLDER(help_lists_every_option),
        OWN_FOLDER(folders_that_cannot_be_are_told),
        OWN_FOLDER(output_that_is_lost_is_a_failure),
        OWN_FOLDER(programs_that_fail_say_why),
        OWN_FOLDER(too_high_a_rate_is_told),
        OWN_FOLDER(files_do_as_drawing_does),
        OWN_FOLDER(bad_files_are_named),
        OWN_FOLDER(images_of_two_sizes_are_refused),
        OWN_FOLDER(learns_mnist),
        OWN_FOLDER(a_terminal_gets_a_line_that_is_redrawn),
    };
    const char *here = argc > 0 ? strrchr(argv[0], '/') : NULL;
    char beside[4096];
    snprintf(beside, sizeof beside, "%.*s/../examples/digits", here ? (int)(here - argv[0]) : 1,
             here ? argv[0] : ".");
    if (!realpath(beside, program)) {
        printf("skipped: %s was not built\n", beside);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
