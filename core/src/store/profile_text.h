// profile.json: one generation of what is installed (profile.h).
//
//   {
//     "schema": "pressroom.profile/1",
//     "generation": 4, "previous": 3, "made_by": "install my_press 1.2.0",
//     "plugins": [
//       {"kind": "method", "name": "my_press", "version": "1.2.0",
//        "bundle_sha256": "ba78...", "file_sha256": "3c4f...",
//        "file": "store/ba78.../variants/7.0-1.13-1017-cxx11-1-x86_64/my_press.so",
//        "built_here": false, "repository": "lab", "location": "/srv/presses", "key": "RW...",
//        "golden": "passed"}
//     ]
//   }
//
// docs/schemas/plugin_profile.schema.json says the same as a JSON Schema.
//
//   parse_profile(profile_text(profile, where), where).plugins == profile.plugins
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "store/profile.h"

namespace pressroom {

inline constexpr const char* kProfileSchema = "pressroom.profile/1";
inline constexpr std::size_t kMostProfileBytes = std::size_t{4} << 20;

// Throws Error, about `where`, for what parse_profile would not take.
std::string profile_text(const Profile& profile, const std::string& where);

// The inverse. Throws Error, about `where` and the key in it, for what is longer than
// kMostProfileBytes, no JSON, of another version of the schema, has a key that is unknown, missing,
// there twice or of another type, or breaks a rule: generation is 1 at least and above previous;
// names, versions and hashes are as in a bundle's manifest; file is where profile.h has it, and so
// in the store; texts are one line that a terminal can show; golden is one of the two; no plugin is
// there twice. Plugins may come in any order.
Profile parse_profile(std::string_view text, const std::string& where);

}  // namespace pressroom
