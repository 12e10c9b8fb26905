// Addresses: who may see a secret, and what of an address may be shown.
#pragma once

#include <string>

namespace pressroom {

// Scheme, host and port: "https://huggingface.co:443". Two addresses with the same origin are
// served by the same party. Throws Error for what is no http or https address.
std::string url_origin(const std::string& url);

// Whether others can read on its way what is sent to `url`: it is http, and not to this machine.
bool travels_in_clear(const std::string& url);

// `url` fit for a message: without user, password, query and fragment, which may hold secrets (a
// content server signs its addresses in the query).
std::string shown_url(const std::string& url);

// `text` with all but letters, digits and "-_.~" as %XX, and "/" too unless `keep_slashes`.
std::string url_encoded(const std::string& text, bool keep_slashes);

}  // namespace pressroom
