/* SPDX-License-Identifier: MIT */
/* package/: packages of several files: archives with the BTF of kernels, descriptions with their object beside them. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "object_fixture.h"
#include "package/machine.h"
#include "package/model.h"
#include "package/tar.h"
#include "package_fixture.h"

static void assert_sentence(const struct ecli_err *err, const char *start)
{
	assert_memory_equal(err->text, start, strlen(start));
}

/* ---- archives -------------------------------------------------------------------------------------------------- */

static const char *archives; /* tests/fuzz/corpus/tar */

/* Adds an entry of @type to an archive. */
static void add_entry(struct ecli_buf *tar, const char *path, char type, const void *data, size_t size)
{
	char block[512] = { 0 };
	unsigned int sum = 0;

	memcpy(block, path, strnlen(path, 100));
	snprintf(block + 100, 8, "%07o", 0644u);
	snprintf(block + 124, 12, "%011zo", size);
	memset(block + 148, ' ', 8);
	block[156] = type;
	memcpy(block + 257, "ustar", 6);
	memcpy(block + 263, "00", 2);
	for (size_t i = 0; i < sizeof(block); i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	ecli_buf_add(tar, block, sizeof(block));
	ecli_buf_add(tar, data, size);
	ecli_buf_add_repeat(tar, '\0', (512 - size % 512) % 512);
}

static void an_archive_is_read_entry_by_entry(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf tar = { 0 };
	struct ecli_tar_entry entry;
	struct ecli_err err = { 0 };
	char long_name[300];

	memset(long_name, 'n', sizeof(long_name));
	long_name[299] = '\0';
	add_entry(&tar, "./folder/", '5', "", 0);
	add_entry(&tar, "./package.json", '0', "{}", 2);
	add_entry(&tar, "././@LongLink", 'L', long_name, sizeof(long_name));
	add_entry(&tar, "short", '0', "abc", 3);
	ecli_buf_add_repeat(&tar, '\0', 1024);
	assert_true(ecli_tar_is(tar.data, tar.len));

	struct ecli_tar reader = { .data = tar.data, .size = tar.len };
	assert_int_equal(ecli_tar_next(&reader, &err, &entry), 1);
	assert_string_equal(entry.path, "package.json");
	assert_int_equal(entry.size, 2);
	assert_int_equal(ecli_tar_next(&reader, &err, &entry), 1);
	assert_string_equal(entry.path, long_name);
	assert_memory_equal(entry.data, "abc", 3);
	assert_int_equal(ecli_tar_next(&reader, &err, &entry), 0);
}

/* The names and sizes of a file of the corpus that the fuzz target starts from, which other tools wrote. */
static void archive_has(const char *file, const char *expected)
{
	CLEANUP_BUF struct ecli_buf path = { 0 }, bytes = { 0 }, seen = { 0 };
	struct ecli_tar_entry entry;
	struct ecli_err err = { 0 };

	ecli_buf_add_format(&path, "%s/%s.tar", archives, file);
	assert_int_equal(ecli_file_read(ecli_buf_text(&path), 1 << 16, &bytes, &err), 0);
	struct ecli_tar reader = { .data = bytes.data, .size = bytes.len };
	while (ecli_tar_next(&reader, &err, &entry) > 0)
		ecli_buf_add_format(&seen, "%s %zu;", entry.path, entry.size);
	ecli_buf_add_text(&seen, err.text);
	assert_string_equal(ecli_buf_text(&seen), expected);
}

static void archives_of_every_writer_are_read(void **state)
{
	(void)state;
	char d[121], v[121], long_path[400], expected[440], prefix[200];

	memset(d, 'd', 120);
	memset(v, 'v', 120);
	d[120] = v[120] = '\0';
	snprintf(long_path, sizeof(long_path), "btfhub-archive/%s/%s/x86_64/6.1.0-1.btf", d, v);
	snprintf(expected, sizeof(expected), "%s 3;package.json 2;", long_path);
	snprintf(prefix, sizeof(prefix), "%.90s/%.60s 13;",
		 "pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp",
		 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
	archive_has("ustar", "package.json 17;btfhub-archive/debian/12/x86_64/6.1.0-1.btf 604;");
	archive_has("gnu-long-name", expected);
	archive_has("pax-long-name", expected);
	archive_has("prefix", prefix);
	archive_has("pax-size", "a 3;");
	archive_has("rooted", "package.json 2;../../package.json 2;");
}

static void numbers_of_headers_are_not_trusted(void **state)
{
	(void)state;
	static const char cut[] = "the archive is cut off: it ends within an entry";

	archive_has("base256", "a 3;the archive is damaged at byte 1024");
	archive_has("huge-size", cut);
	archive_has("pax-size-overflow", cut);
	archive_has("negative-size", "the archive is damaged at byte 0");
	archive_has("no-size", "the archive is damaged at byte 0");
	archive_has("wrong-sum", "the archive is damaged at byte 0");
	archive_has("pax-no-end", "the archive is damaged at byte 512");
	archive_has("pax-zero", "the archive is damaged at byte 512");
	archive_has("pax-huge", "the archive is damaged at byte 512");
}

static void an_archive_of_too_many_entries_is_refused(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf tar = { 0 };
	struct ecli_tar_entry entry;
	struct ecli_err err = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < 20001; i++)
		add_entry(&tar, "a", '0', "", 0);
	struct ecli_tar reader = { .data = tar.data, .size = tar.len };
	while (ecli_tar_next(&reader, &err, &entry) > 0)
		n++;
	assert_int_equal(n, 20000);
	assert_string_equal(err.text, "the archive has more than 20000 entries");
}

static void a_damaged_archive_is_told(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf tar = { 0 };
	struct ecli_tar_entry entry;
	struct ecli_err err = { 0 };

	add_entry(&tar, "package.json", '0', "{}", 2);
	struct ecli_tar cut = { .data = tar.data, .size = 512 + 1 };
	assert_int_equal(ecli_tar_next(&cut, &err, &entry), -EINVAL);
	assert_string_equal(err.text, "the archive is cut off: it ends within an entry");
	tar.data[5] ^= 1;
	struct ecli_tar damaged = { .data = tar.data, .size = tar.len };
	assert_int_equal(ecli_tar_next(&damaged, &err, &entry), -EINVAL);
	assert_string_equal(err.text, "the archive is damaged at byte 0");
}

static void the_btf_of_this_kernel_is_taken(void **state)
{
	(void)state;
	struct ecli_machine m = { .arch = "x86_64", .release = "5.4.0-1" };

	ecli_machine_parse(&m, "NAME=\"Ubuntu\"\nID=ubuntu\nVERSION_ID=\"20.04\"\nID_LIKE=debian\n");
	assert_string_equal(m.id, "ubuntu");
	assert_string_equal(m.version, "20.04");
	assert_int_equal(ecli_machine_fit(&m, "btfhub-archive/ubuntu/20.04/x86_64/5.4.0-1.btf"), 3);
	assert_int_equal(ecli_machine_fit(&m, "btfhub-archive/ubuntu/18.04/x86_64/5.4.0-1.btf"), 2);
	assert_int_equal(ecli_machine_fit(&m, "btfhub-archive/debian/11/x86_64/5.4.0-1.btf"), 1);
	assert_int_equal(ecli_machine_fit(&m, "btfhub-archive/ubuntu/20.04/arm64/5.4.0-1.btf"), 0);
	assert_int_equal(ecli_machine_fit(&m, "btfhub-archive/ubuntu/20.04/x86_64/5.4.0-10.btf"), 0);
	assert_int_equal(ecli_machine_fit(&m, "5.4.0-1.btf"), 0);
	assert_int_equal(ecli_machine_fit(&m, ".btf"), 0);
}

static char folder[] = "/tmp/ecli-package-files.XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const void *data, size_t size)
{
	assert_int_equal(ecli_file_write(in_folder(name), data, size, NULL), 0);
}

static void packed(struct ecli_buf *json)
{
	CLEANUP_PACKAGE struct ecli_package *object = read_object();

	assert_int_equal(ecli_package_write(object, json, NULL), 0);
}

static void a_tar_is_a_package_with_btf(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf tar = { 0 }, json = { 0 }, path = { 0 };
	CLEANUP_PACKAGE struct ecli_package *package = NULL;
	struct ecli_machine machine;
	struct ecli_err err = { 0 };

	ecli_machine_read(&machine);
	packed(&json);
	ecli_buf_add_format(&path, "btfhub-archive/other/1/%s/%s.btf", machine.arch, machine.release);
	add_entry(&tar, ecli_buf_text(&path), '0', "other", 5);
	ecli_buf_clear(&path);
	ecli_buf_add_format(&path, "btfhub-archive/%s/%s/%s/%s.btf", machine.id, machine.version, machine.arch,
			    machine.release);
	add_entry(&tar, "package.json", '0', json.data, json.len);
	add_entry(&tar, ecli_buf_text(&path), '0', "the right one", 13);
	add_entry(&tar, "btfhub-archive/x/1/x86_64/1.0.btf", '0', "wrong", 5);
	write_file("tool.tar", tar.data, tar.len);
	assert_int_equal(ecli_package_read_file(in_folder("tool.tar"), &err, &package), 0);
	assert_int_equal(package->n_progs, 2);
	assert_int_equal(package->kernel_btf_size, 13);
	assert_memory_equal(package->kernel_btf, "the right one", 13);
	assert_string_equal(package->kernel_btf_name, ecli_buf_text(&path));
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf tar = { 0 }, path = { 0 };
	struct ecli_tar_entry entry;
	struct ecli_err err = { 0 };

	/* 100 bytes fit in the name; more go before a slash into the prefix, 155 at most. */
	ecli_buf_add_repeat(&path, 'f', 120);
	ecli_buf_add_text(&path, "/5.4.btf");
	assert_int_equal(ecli_tar_add(&tar, "a/1/x86_64/5.4.btf", "abc", 3), 0);
	assert_int_equal(ecli_tar_add(&tar, ecli_buf_text(&path), "", 0), 0);
	ecli_buf_add_repeat(&path, 'f', 120);
	assert_int_equal(ecli_tar_add(&tar, ecli_buf_text(&path), "", 0), -ENAMETOOLONG);
	assert_int_equal(ecli_tar_add(&tar, "", "", 0), -ENAMETOOLONG);
	ecli_tar_end(&tar);
	assert_int_equal(tar.len, 512 * 5);

	struct ecli_tar reader = { .data = tar.data, .size = tar.len };
	assert_int_equal(ecli_tar_next(&reader, &err, &entry), 1);
	assert_string_equal(entry.path, "a/1/x86_64/5.4.btf");
	assert_int_equal(entry.size, 3);
	assert_memory_equal(entry.data, "abc", 3);
	assert_int_equal(ecli_tar_next(&reader, &err, &entry), 1);
	assert_int_equal(strlen(entry.path), 128);
	assert_int_equal(entry.size, 0);
	assert_int_equal(ecli_tar_next(&reader, &err, &entry), 0);
}

static void a_package_brings_btf_of_many_kernels(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf tar = { 0 }, json = { 0 }, path = { 0 }, btf = { 0 };
	CLEANUP_PACKAGE struct ecli_package *package = read_object(), *again = NULL;
	CLEANUP_FREE char *name = NULL;
	struct ecli_machine machine;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_package_btf_find(package, &err, &btf, &name), -ENOENT);
	ecli_machine_read(&machine);
	ecli_tar_add(&tar, "debian/11/x86_64/0.1.btf", "old", 3);
	assert_int_equal(ecli_package_btf_set(package, tar.data, tar.len), 0);
	assert_int_equal(ecli_package_btf_find(package, &err, &btf, &name), -ENOENT);
	assert_sentence(&err, "the package brings types for 1 kernels, but not for ");

	ecli_buf_add_format(&path, "debian/11/%s/%s.btf", machine.arch, machine.release);
	ecli_tar_add(&tar, ecli_buf_text(&path), "mine", 4);
	assert_int_equal(ecli_package_btf_set(package, tar.data, tar.len), 0);
	assert_int_equal(ecli_package_write(package, &json, &err), 0);
	assert_int_equal(ecli_package_read("p", json.data, json.len, &err, &again), 0);
	assert_int_equal(ecli_package_btf_find(again, &err, &btf, &name), 0);
	assert_int_equal(btf.len, 4);
	assert_memory_equal(btf.data, "mine", 4);
	assert_string_equal(name, ecli_buf_text(&path));
}

static void a_damaged_archive_in_a_package_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *json, *sentence;
	} cases[] = {
		{ "true", "meta.btf_archive must be" },
		{ "{\"data\":\"eJwDAAAAAAE=\"}", "meta.btf_archive must be" },
		{ "{\"data\":5,\"size\":0}", "meta.btf_archive must be" },
		{ "{\"data\":\"eJwDAAAAAAE=\",\"size\":-1}", "meta.btf_archive must be" },
		{ "{\"data\":\"eJwDAAAAAAE=\",\"size\":9223372036854775807}", "meta.btf_archive must be" },
		{ "{\"data\":\"!!\",\"size\":0}", "meta.btf_archive.data" },
		{ "{\"data\":\"AAAA\",\"size\":0}", "meta.btf_archive.data" },
		{ "{\"data\":\"eJwDAAAAAAE=\",\"size\":5}", "meta.btf_archive.size is 5" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_PACKAGE struct ecli_package *package = read_object();
		CLEANUP_BUF struct ecli_buf btf = { 0 };
		struct ecli_err err = { 0 };
		char *name = NULL;

		assert_int_equal(ecli_package_extra_set(&package->extras, "btf_archive", cases[i].json), 0);
		assert_int_equal(ecli_package_btf_find(package, &err, &btf, &name), -EINVAL);
		assert_sentence(&err, cases[i].sentence);
		assert_null(name);
	}
}

static void a_tar_without_a_package_is_told(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf tar = { 0 }, want = { 0 };
	struct ecli_package *package = NULL;
	struct ecli_err err = { 0 };

	add_entry(&tar, "readme", '0', "x", 1);
	write_file("tool.tar", tar.data, tar.len);
	assert_int_equal(ecli_package_read_file(in_folder("tool.tar"), &err, &package), -EINVAL);
	ecli_buf_add_format(&want, "%s/tool.tar: the archive has no package.json in it", folder);
	assert_string_equal(err.text, ecli_buf_text(&want));
}

/* ---- descriptions ---------------------------------------------------------------------------------------------- */

static const char skeleton[] = "{\"bpf_skel\":{\"obj_name\":\"x_bpf\",\"maps\":null,\"progs\":[{\"name\":\"on_switch\"}"
			       ",{\"name\":\"on_switch_raw\"}]}}";

static void a_description_finds_its_object(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf object = { 0 };
	CLEANUP_PACKAGE struct ecli_package *package = NULL;
	struct ecli_err err = { 0 };

	fixture_object(&object, true);
	write_file("foo.skel.json", skeleton, strlen(skeleton));
	assert_int_equal(ecli_package_read_file(in_folder("foo.skel.json"), &err, &package), -ENOENT);
	assert_non_null(strstr(err.text, "foo.skel.json is a description without its object, which belongs beside it: "
					 "cannot read "));
	write_file("foo.bpf.o", object.data, object.len);
	assert_int_equal(ecli_package_read_file(in_folder("foo.skel.json"), &err, &package), 0);
	assert_string_equal(package->name, "x_bpf");
	assert_string_equal(package->progs[0].attach, "tp_btf/sched_switch");
	assert_int_equal(package->object_size, object.len);
}

static void yaml_is_refused_with_a_way_out(void **state)
{
	(void)state;
	static const char yaml[] = "---\nbpf_object: eNp=\nbpf_object_size: 3\nmeta:\n  bpf_skel: {}\n";
	struct ecli_package *package = NULL;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_package_read("package.yaml", yaml, strlen(yaml), &err, &package), -EINVAL);
	assert_string_equal(err.text,
			    "package.yaml: this is a package in YAML, which is not read; make a package.json of it "
			    "(ecc without -y, or: yq -o=json package.yaml > package.json)");
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	static const char *const names[] = { "tool.tar", "foo.skel.json", "foo.bpf.o" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlink(in_folder(names[i]));
	return rmdir(folder);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archives_of_every_writer_are_read),
		cmocka_unit_test(numbers_of_headers_are_not_trusted),
		cmocka_unit_test(an_archive_of_too_many_entries_is_refused),
		cmocka_unit_test(an_archive_is_read_entry_by_entry),
		cmocka_unit_test(a_damaged_archive_is_told),
		cmocka_unit_test(the_btf_of_this_kernel_is_taken),
		cmocka_unit_test(a_tar_is_a_package_with_btf),
		cmocka_unit_test(a_tar_without_a_package_is_told),
		cmocka_unit_test(a_description_finds_its_object),
		cmocka_unit_test(yaml_is_refused_with_a_way_out),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_package_brings_btf_of_many_kernels),
		cmocka_unit_test(a_damaged_archive_in_a_package_is_told),
	};

	if (argc < 2)
		return 2;
	archives = argv[1];
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
