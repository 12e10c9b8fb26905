// What a new plugin may be called.
//
//   const PluginKind kind = plugin_kind_from("method");
//   require_plugin_name("my_method");                  // My-Method: did you mean "my_method"?
//   require_unused_name(kind, "my_method", host);
//   class_name("my_method");                           // "MyMethod"
#pragma once

#include <string>

#include "plugin/host.h"

namespace pressroom {

// The kind that `word` names: method, dataset or metric. Throws Error, with a did-you-mean.
PluginKind plugin_kind_from(const std::string& word);

// Throws Error unless `name` is [a-z][a-z0-9_]*, no longer than its files' names may be, and no
// word of C++; with a name like it that would do, where there is one.
void require_plugin_name(const std::string& name);

// Throws Error where `host` has a plugin of that kind and name: neither could be used beside the
// other.
void require_unused_name(PluginKind kind, const std::string& name, const PluginHost& host);

// What its class is called, or begins with.
std::string class_name(const std::string& plugin_name);

}  // namespace pressroom
