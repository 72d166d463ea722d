#include "tests/unit/server/intake/connected_pair.hpp"

#include "app/server/intake/client_stream.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>

namespace rtspproxy::server::tests {

using rtspproxy::tests::Fd;
using namespace std::chrono_literals;

ConnectedPair::ConnectedPair(const std::shared_ptr<IntakeState>& state, GMainContext* context) {
    install_client_streams();
    auto listening = rtspproxy::tests::listen_tcp("127.0.0.1", 0, 4);
    client_ = std::move(
        *rtspproxy::tests::connect_tcp("127.0.0.1", rtspproxy::tests::local_port(*listening), 5s));
    const int accepted = accept4(listening->get(), nullptr, nullptr, SOCK_CLOEXEC);
    const auto socket = Ref<GSocket>::adopt(g_socket_new_from_fd(accepted, nullptr));
    auto admission = state->admit(socket.get(), "address", "127.0.0.1");
    EXPECT_TRUE(admission);
    attach_admission(socket.get(), std::move(admission));
    server_.reset(g_socket_connection_factory_create_connection(socket.get()));
    source_.reset(
        g_pollable_input_stream_create_source(G_POLLABLE_INPUT_STREAM(stream()), nullptr));
    const GPollableSourceFunc callback = on_ready;
    g_source_set_callback(source_.get(), G_SOURCE_FUNC(callback), this, nullptr);
    g_source_attach(source_.get(), context);
}

ConnectedPair::~ConnectedPair() {
    g_source_destroy(source_.get());
}

void ConnectedPair::send(const std::string& text) {
    ASSERT_EQ(::send(client_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
}

std::string ConnectedPair::receive() {
    std::array<char, 4096> bytes{};
    const ssize_t got = recv(client_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    return {bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0U};
}

GInputStream* ConnectedPair::stream() const {
    return g_io_stream_get_input_stream(G_IO_STREAM(server_.get()));
}

std::string ConnectedPair::all() const {
    std::string text;
    for (const auto& part : read)
        text += part;
    return text;
}

// One read a turn with room for more than any message.
gboolean ConnectedPair::on_ready(GObject* stream, gpointer data) noexcept {
    auto* self = static_cast<ConnectedPair*>(data);
    std::vector<char> bytes(200'000);
    const gssize got = g_pollable_input_stream_read_nonblocking(
        G_POLLABLE_INPUT_STREAM(stream), bytes.data(), bytes.size(), nullptr, nullptr);
    if (got > 0)
        self->read.emplace_back(bytes.data(), static_cast<std::size_t>(got));
    self->ended = got == 0;
    return got == 0 ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

} // namespace rtspproxy::server::tests
