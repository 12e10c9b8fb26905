#include "signing_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/whole_file.h"
#include "passphrase.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

constexpr const char* kMakeOne =
    "make one: pressroom plugin sign --new-key lab.key; keys of minisign do, too";

std::string passphrase_file(const po::variables_map& values) {
  return values.count("passphrase-file") > 0 ? values["passphrase-file"].as<std::string>() : "";
}

// Nobody else may ever have been able to read it, so it is made with its mode.
void write_secret(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool is_made = file >= 0;
  const bool is_written =
      is_made && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const int error = errno;
  if (is_made) ::close(file);
  if (is_written) return;
  if (is_made) ::unlink(path.c_str());
  throw Error({"the new key cannot be written", path, "a file that is not there yet",
               std::strerror(error), "choose another name"});
}

}  // namespace

void add_key_options(po::options_description& options) {
  options.add_options()("key", po::value<std::string>()->value_name("FILE"),
                        "the secret key, in minisign's format");
  options.add_options()("passphrase-file", po::value<std::string>()->value_name("FILE"),
                        "its passphrase is the first line of FILE (-: standard input); otherwise "
                        "it is asked for");
}

SecretKey signing_key(const po::variables_map& values) {
  if (values.count("key") == 0) {
    throw Error({"no key was given", "", "--key FILE, a secret key", "", kMakeOne});
  }
  const std::string path = values["key"].as<std::string>();
  std::string why;
  std::optional<std::string> text = read_regular_file(path, why);
  if (!text) throw Error({"the key cannot be read", path, "a secret key", why, kMakeOne});
  std::string passphrase;
  if (needs_passphrase(*text, path)) {
    passphrase = passphrase_for(path, passphrase_file(values), /*is_new=*/false);
  }
  SecretKey key = SecretKey::parse(*text, passphrase, path);
  wipe(*text);
  wipe(passphrase);
  return key;
}

PublicKey make_signing_key(const std::string& path, const po::variables_map& values) {
  const std::string public_path = path + ".pub";
  if (std::filesystem::exists(public_path)) {
    throw Error({"the new key cannot be written", public_path, "a file that is not there yet",
                 "a file", "choose another name"});
  }
  std::string passphrase = passphrase_for(path, passphrase_file(values), /*is_new=*/true);
  const SecretKey key = SecretKey::generate();
  std::string text = key.text_encrypted(passphrase);
  wipe(passphrase);
  write_secret(path, text);
  wipe(text);
  write_file_atomically(public_path, key.public_key().text());
  return key.public_key();
}

}  // namespace pressroom
