// A browser that tests steer: headless Chromium through chromedriver, in the words of W3C WebDriver
// (JSON over HTTP) and of the browser's own protocol.
//
//   WebDriver browser(folder);
//   browser.view(390, 844, /*dark=*/true);
//   browser.open("file:///tmp/report.html");
//   browser.click("#results th button");
//   browser.run("return document.title")        // "..."
//
// What goes wrong - no such element, a script that throws - is a std::runtime_error.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "child_process.h"

namespace pressroom {

class WebDriver {
 public:
  // The browser's profile goes into `folder`.
  explicit WebDriver(const std::filesystem::path& folder);
  ~WebDriver();

  // Size of the page in CSS pixels, and the colour scheme that the user prefers.
  void view(int width, int height, bool dark);
  void open(const std::string& url);

  // The value that the body of a function returns.
  nlohmann::json run(const std::string& script);
  // Of the first element that the CSS selector matches. `keys` is UTF-8; kEnter is a key.
  void click(const std::string& selector);
  void press(const std::string& selector, const std::string& keys);

  // What the page, or the browser for it, wrote to the console since the last call.
  std::vector<std::string> console();
  // Addresses that were asked for since the last call.
  std::vector<std::string> requests();

  // The whole page as PNG.
  void screenshot(const std::filesystem::path& file);

 private:
  nlohmann::json call(const char* verb, const std::string& path, const nlohmann::json& body);
  nlohmann::json in_session(const std::string& path, const nlohmann::json& body);
  nlohmann::json devtools(const std::string& command, const nlohmann::json& parameters);
  std::string element(const std::string& selector);  // its path

  ChildProcess driver_;
  std::string address_;  // http://127.0.0.1:<port>
  std::string session_;  // /session/<id>
};

inline constexpr const char* kEnter = "\xEE\x80\x87";  // U+E007

}  // namespace pressroom
