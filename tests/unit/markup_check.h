// A check that markup is well-formed, without a browser.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace pressroom {

// "" when every element of `html` is closed in order; else the tag that is not, and what follows.
// What is in <script> and <style> is not looked at.
inline std::string unbalanced_tag(const std::string& html) {
  static const std::set<std::string> kVoid = {"meta", "link", "input", "br", "wbr", "!DOCTYPE"};
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    if (end == std::string::npos) return html.substr(at, 60);
    const bool closes = html[at + 1] == '/';
    const std::size_t begin = at + (closes ? 2 : 1);
    const std::string name = html.substr(begin, html.find_first_of(" />", begin) - begin);
    if (kVoid.count(name) > 0 || html[end - 1] == '/') continue;
    if (closes) {
      if (open.empty() || open.back() != name) return html.substr(at, 60);
      open.pop_back();
      continue;
    }
    open.push_back(name);
    if (name == "script" || name == "style") at = html.find("</" + name + ">", at) - 1;
  }
  return open.empty() ? "" : "<" + open.back();
}

}  // namespace pressroom
