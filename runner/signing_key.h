// The secret key that a command signs with.
#pragma once

#include <boost/program_options.hpp>

#include "signing/secret_key.h"

namespace pressroom {

// --key and --passphrase-file.
void add_key_options(boost::program_options::options_description& options);

// The key in the file that --key names; asks for its passphrase where it has one. Throws Error
// where --key is missing, and for a file that holds no secret key.
SecretKey signing_key(const boost::program_options::variables_map& values);

// A new key in the file `path`, which only its owner may read, encrypted with a passphrase that is
// asked for; its public key in `path`.pub. Throws Error where either is there already.
PublicKey make_signing_key(const std::string& path,
                           const boost::program_options::variables_map& values);

}  // namespace pressroom
