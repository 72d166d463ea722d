// The input stream of accepted connections: a GPollableInputStream over ClientInput.
#pragma once

#include "app/server/intake/admission.hpp"

#include <gio/gio.h>

#include <memory>

namespace rtspproxy::server {

// From here on a TCP connection that is made of an admitted socket reads through ClientInput; all
// others are left as they are. Once, before the first connection.
void install_client_streams();

// The admission stays with the socket, and ends with it. Before a connection is made of the socket.
void attach_admission(GSocket* socket, std::unique_ptr<Admission> admission);

} // namespace rtspproxy::server
