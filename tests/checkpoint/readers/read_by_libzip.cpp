// Reads files that brasa wrote with libzip, to the last byte of each record, so that CRCs are
// checked, and packs them anew for brasa to read.
//   read_by_libzip FILE...

#include <zip.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

namespace {

/// The number of records, -1 if there is anything that libzip does not like.
zip_int64_t read_all(const char* path) {
  int code = 0;
  const std::unique_ptr<zip_t, void (*)(zip_t*)> archive(
      zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code), [](zip_t* a) { zip_discard(a); });
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    std::fprintf(stderr, "%s: %s\n", path, zip_error_strerror(&error));
    return -1;
  }
  const zip_int64_t records = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < records; ++i) {
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> record(
        zip_fopen_index(archive.get(), static_cast<zip_uint64_t>(i), 0), zip_fclose);
    std::array<char, 4096> buffer;
    zip_int64_t got = -1;
    while (record && (got = zip_fread(record.get(), buffer.data(), buffer.size())) > 0) {
    }
    if (got == 0) continue;
    std::fprintf(stderr, "%s: record %lld cannot be read\n", path, static_cast<long long>(i));
    return -1;
  }
  return records;
}

/// Packs an archive anew, as "libzip_" and its name; false if that does not work.
bool pack_anew(const std::string& path) {
  using Archive = std::unique_ptr<zip_t, void (*)(zip_t*)>;
  const auto discard = [](zip_t* archive) { zip_discard(archive); };
  const Archive from(zip_open(path.c_str(), ZIP_RDONLY, nullptr), discard);
  Archive to(zip_open(("libzip_" + path).c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr), discard);
  if (!from || !to) return false;
  const auto records = static_cast<zip_uint64_t>(zip_get_num_entries(from.get(), 0));
  for (zip_uint64_t i = 0; i < records; ++i) {
    zip_source_t* source = zip_source_zip(to.get(), from.get(), i, 0, 0, -1);
    const zip_int64_t added =
        zip_file_add(to.get(), zip_get_name(from.get(), i, 0), source, ZIP_FL_ENC_UTF_8);
    if (added < 0) return false;
    if (zip_set_file_compression(to.get(), static_cast<zip_uint64_t>(added), ZIP_CM_STORE, 0) !=
        0) {
      return false;
    }
  }
  if (zip_close(to.get()) != 0) return false;
  static_cast<void>(to.release());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const zip_int64_t records = read_all(argv[i]);
    if (records < 0 || !pack_anew(argv[i])) return 1;
    std::printf("%lld\n", static_cast<long long>(records));
  }
}
