#include "web_driver.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <stdexcept>

namespace pressroom {
namespace {

using Json = nlohmann::json;

constexpr const char* kElementKey = "element-6066-11e4-a52e-4f735466cecf";  // fixed by the standard

std::size_t collect(char* bytes, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(bytes, size * count);
  return size * count;
}

std::string decoded(const std::string& base64) {
  std::string bytes(base64.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(base64.data()),
                                   static_cast<int>(base64.size()));
  if (size < 0) throw std::runtime_error("a screenshot is no base64");
  return bytes;  // zeros at the end do no harm to a PNG
}

Json capabilities(const std::filesystem::path& folder) {
  Json arguments = {"--headless=new",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--disable-background-networking",
                    "--no-first-run",
                    "--hide-scrollbars",
                    "--force-device-scale-factor=1",
                    "--user-data-dir=" + (folder / "profile").string()};
  if (::geteuid() == 0) arguments.push_back("--no-sandbox");
  return {{"capabilities",
           {{"alwaysMatch",
             {{"goog:loggingPrefs", {{"browser", "ALL"}, {"performance", "ALL"}}},
              {"goog:chromeOptions", {{"args", arguments}}}}}}}};
}

}  // namespace

WebDriver::WebDriver(const std::filesystem::path& folder) : driver_({"chromedriver", "--port=0"}) {
  const std::string told = driver_.read_until("successfully on port ", std::chrono::seconds(30));
  address_ = "http://127.0.0.1:" + std::to_string(std::stoi(told.substr(told.rfind(' '))));
  const Json session = call("POST", "/session", capabilities(folder));
  session_ = "/session/" + session.at("sessionId").get<std::string>();
  devtools("Network.setCacheDisabled", {{"cacheDisabled", true}});
  // Away from the browser's own first page, and what it asked for.
  open("about:blank");
  console();
  requests();
}

WebDriver::~WebDriver() {
  try {
    call("DELETE", session_, nullptr);
  } catch (const std::exception&) {
    // The driver's process group ends with it all the same.
  }
}

void WebDriver::view(int width, int height, bool dark) {
  devtools(
      "Emulation.setDeviceMetricsOverride",
      {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", width < 600}});
  const Json scheme = {{"name", "prefers-color-scheme"}, {"value", dark ? "dark" : "light"}};
  devtools("Emulation.setEmulatedMedia", {{"features", {scheme}}});
}

void WebDriver::open(const std::string& url) { in_session("/url", {{"url", url}}); }

Json WebDriver::run(const std::string& script) {
  return in_session("/execute/sync", {{"script", script}, {"args", Json::array()}});
}

void WebDriver::click(const std::string& selector) {
  in_session(element(selector) + "/click", Json::object());
}

void WebDriver::press(const std::string& selector, const std::string& keys) {
  in_session(element(selector) + "/value", {{"text", keys}});
}

std::vector<std::string> WebDriver::console() {
  std::vector<std::string> lines;
  for (const Json& entry : in_session("/se/log", {{"type", "browser"}})) {
    lines.push_back(entry.at("level").get<std::string>() + ": " +
                    entry.at("message").get<std::string>());
  }
  return lines;
}

std::vector<std::string> WebDriver::requests() {
  std::vector<std::string> addresses;
  for (const Json& entry : in_session("/se/log", {{"type", "performance"}})) {
    const Json event = Json::parse(entry.at("message").get<std::string>()).at("message");
    if (event.at("method") != "Network.requestWillBeSent") continue;
    addresses.push_back(event.at("params").at("request").at("url"));
  }
  return addresses;
}

void WebDriver::screenshot(const std::filesystem::path& file) {
  const Json picture = devtools("Page.captureScreenshot", {{"captureBeyondViewport", true}});
  std::ofstream(file, std::ios::binary) << decoded(picture.at("data"));
}

Json WebDriver::call(const char* verb, const std::string& path, const Json& body) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  const std::string url = address_ + path;
  const std::string sent = body.is_null() ? "" : body.dump();
  std::string answer;
  curl_slist* header = curl_slist_append(nullptr, "Content-Type: application/json");
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, verb);
  if (!body.is_null()) curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, sent.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, header);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 120L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  const CURLcode done = curl_easy_perform(curl.get());
  curl_slist_free_all(header);
  if (done != CURLE_OK) {
    throw std::runtime_error(path + ": " + curl_easy_strerror(done));
  }
  const Json value = Json::parse(answer).at("value");
  if (value.is_object() && value.contains("error")) {
    throw std::runtime_error(path + " " + sent + ": " + value.at("message").get<std::string>());
  }
  return value;
}

Json WebDriver::in_session(const std::string& path, const Json& body) {
  return call("POST", session_ + path, body);
}

Json WebDriver::devtools(const std::string& command, const Json& parameters) {
  return in_session("/goog/cdp/execute", {{"cmd", command}, {"params", parameters}});
}

std::string WebDriver::element(const std::string& selector) {
  run("const e = document.querySelector('" + selector +
      "'); if (e) e.scrollIntoView({block: 'center', behavior: 'instant'});");
  const Json found = in_session("/element", {{"using", "css selector"}, {"value", selector}});
  return "/element/" + found.at(kElementKey).get<std::string>();
}

}  // namespace pressroom
