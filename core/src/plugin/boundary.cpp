#include "plugin/boundary.h"

#include <boost/core/demangle.hpp>
#include <exception>
#include <typeinfo>

#include "pressroom/error.h"

namespace pressroom {

void rethrow_from_plugin(const std::string& plugin, const std::string& doing,
                         const std::filesystem::path& file) {
  Problem problem{plugin + " failed while " + doing, file.string(), "", "",
                  "report it to the plugin's author, with this message"};
  try {
    throw;
  } catch (const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& part : problems) {
      part.what = plugin + " failed while " + doing + ": " + part.what;
      if (part.where.empty()) part.where = file.string();
    }
    throw Error(std::move(problems));
  } catch (const std::exception& error) {
    const std::string message = error.what();
    problem.got = boost::core::demangle(typeid(error).name()) + ": " +
                  message.substr(0, message.find("\nException raised from "));
  } catch (...) {
    problem.got = "an exception that is not a std::exception";
  }
  throw Error(std::move(problem));
}

}  // namespace pressroom
