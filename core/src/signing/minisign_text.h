// The texts that keys and signatures are kept in: a line of comment, then a line of base64, in a
// signature twice.
//
//   untrusted comment: minisign public key DE89AF18C6124BD7
//   RWTXSxLGGK+J3i4vBlKsaI7vSuTdLG1doGOIk57Vpm/fxIhCAt0aJ8td
//
// As https://jedisct1.github.io/minisign/ describes it. For the files of this folder.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

inline constexpr std::string_view kUntrustedPrefix = "untrusted comment: ";
inline constexpr std::string_view kTrustedPrefix = "trusted comment: ";

// Minisign 0.11 reads no longer comments. It writes trusted ones of 4,077 bytes at most.
inline constexpr std::size_t kMostUntrustedBytes = 1003;
inline constexpr std::size_t kMostTrustedBytes = 8173;

// What the second lines stand for. By their lengths a secret key is told from what may be shown.
inline constexpr std::size_t kPublicKeyBytes = 42;
inline constexpr std::size_t kSecretKeyBytes = 158;
inline constexpr std::size_t kSignatureBytes = 74;

// Starts libsodium where it has not been started. Throws Error when it cannot be.
void start_sodium();

// The lines of `text` without their ends, "\n" or "\r\n", and without empty ones at the end. A text
// that is longer than any key or signature gives none.
std::vector<std::string_view> text_lines(std::string_view text);

// Whether `line` begins with `prefix`, and is no longer than `most_bytes` behind it.
bool is_comment(std::string_view line, std::string_view prefix, std::size_t most_bytes);

// False where `line` is not the one way to write exactly `size` bytes: none can be changed and stay
// valid.
bool decode_base64(std::string_view line, unsigned char* bytes, std::size_t size);

std::string encode_base64(const unsigned char* bytes, std::size_t size);

// The Error for a `text` that is not `wanted` ("a public key"). Says what it seems to be, and shows
// nothing of it.
Error not_a(const std::string& wanted, std::string_view text, const std::string& where);

// Throws Error where `comment`, which is to be written, is too long, no UTF-8, or has control
// characters that are not tabs. `name` is "trusted comment".
void check_comment(std::string_view comment, const char* name, std::size_t most_bytes);

}  // namespace pressroom
