// Reads files that brasa wrote with libzip, to the last byte of each record, so that CRCs are
// checked.
//   read_by_libzip FILE...

#include <zip.h>

#include <array>
#include <cstdio>
#include <memory>

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

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const zip_int64_t records = read_all(argv[i]);
    if (records < 0) return 1;
    std::printf("%lld\n", static_cast<long long>(records));
  }
}
