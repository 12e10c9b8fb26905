// How a plugin is asked for: by its name, or by its name and a version.
//
//   parse_plugin_reference("my_press@1.2");           // {"my_press", "1.2"}
//   plain_name("my_press@1.2") == "my_press"
//   version_begins_with("1.2.10", "1.2");             // and not with "1.2.1"
//   is_older_version("1.9.3", "1.10.0");
#pragma once

#include <string>

namespace pressroom {

struct PluginReference {
  std::string name;
  std::string version;  // "1", "1.2", "1.2.0": its beginning; "" for whichever is meant by the name
};

// What is before and behind the first "@". Throws Error where either is empty, or what is behind it
// is not letters and digits, "-", "_" and "+", with single dots between them. A text without "@" is
// a name, whatever it is.
PluginReference parse_plugin_reference(const std::string& text);

// The text again: "my_press@1.2", or "my_press".
std::string reference_text(const PluginReference& reference);

// What is before the "@", of any text.
std::string plain_name(const std::string& reference);

// Whether the parts of `version` between its dots begin with those of `beginning`, which has one at
// least.
bool version_begins_with(const std::string& version, const std::string& beginning);

// By the parts between dots, from the left: numbers by their value, and after what is no number;
// where one version ends, it is the older. Plugins in folders may call their versions anything.
bool is_older_version(const std::string& version, const std::string& other);

}  // namespace pressroom
