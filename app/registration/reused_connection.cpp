#include "app/registration/reused_connection.hpp"

#include "app/registration/loopback.hpp"

#include <utility>

namespace rtspproxy::registration_app {

Result<std::unique_ptr<ReusedConnection>> ReusedConnection::open(Splicer& splicer) {
    auto listener = listen_on_loopback();
    if (!listener)
        return tl::unexpected(listener.error());
    const auto id = splicer.add(std::move(listener->socket));
    if (!id)
        return tl::unexpected(id.error());
    return std::unique_ptr<ReusedConnection>(new ReusedConnection(splicer, *id, listener->port));
}

ReusedConnection::~ReusedConnection() {
    splicer_.remove(id_);
}

void ReusedConnection::set_device(Ref<GSocket> socket, Splice::OnGone on_gone) {
    splicer_.set_device(id_, std::move(socket), std::move(on_gone));
}

} // namespace rtspproxy::registration_app
