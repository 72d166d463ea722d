// A back end over TLS: the tap sees what was decrypted.
#include "app/backend/tap/tap.hpp"
#include "app/backend/tap/tap_connection.hpp"
#include "plugins/support/deleter.hpp"
#include "tests/unit/backend/tap/wire.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace rtspproxy::backend::tests {
namespace {

template <class T>
using Owned = std::unique_ptr<T, Deleter<g_object_unref>>;

// Of a camera that nobody trusts; nothing else uses it.
constexpr const char* kCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBeTCCAR+gAwIBAgIUUhhGjNC/tJ44GHE1XaYr9YF9jekwCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGY2FtZXJhMCAXDTI2MTEyOTExNTYxOFoYDzIxMjYxMTA1MTE1\n"
    "NjE4WjARMQ8wDQYDVQQDDAZjYW1lcmEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AAQoFHz5gw4EMilNLw68ob16iogBjMNqaRNbtl9bprfRygWJvVn+xDkN7s5cnD8B\n"
    "JB10CeppR2fOLv0vuvXzdFd+o1MwUTAdBgNVHQ4EFgQU5U1+z8Jd8+nYyZFLK9Ge\n"
    "6Zu/i6UwHwYDVR0jBBgwFoAU5U1+z8Jd8+nYyZFLK9Ge6Zu/i6UwDwYDVR0TAQH/\n"
    "BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA2omaMDu0hyChQ8aXU9KzEZDEIUdF\n"
    "EyJ5nhS6/yj/01wCIGRO2KwZmDuUqq9841wrOcsKChfPNtkOChs6nwd9EkMG\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGVCy34yuJjxB1k9h\n"
    "AbuI4GJ5+CqR7o0HkC7IojGGrtWhRANCAAQoFHz5gw4EMilNLw68ob16iogBjMNq\n"
    "aRNbtl9bprfRygWJvVn+xDkN7s5cnD8BJB10CeppR2fOLv0vuvXzdFd+\n"
    "-----END PRIVATE KEY-----\n";

class TlsTest : public ::testing::Test {
  protected:
    TlsTest() {
        install_taps();
        const Owned<GInetAddress> any(g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4));
        const Owned<GSocketAddress> address(g_inet_socket_address_new(any.get(), 0));
        listener_.reset(g_socket_listener_new());
        GSocketAddress* effective = nullptr;
        EXPECT_TRUE(g_socket_listener_add_address(listener_.get(), address.get(),
                                                  G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                                  nullptr, &effective, nullptr));
        address_.reset(effective);
    }

    // Calls `camera` with the camera's end, in a thread of its own, and `source` with ours.
    template <class Camera, class Source>
    void connect(const Camera& camera, const Source& source) {
        std::thread thread([&] {
            const Owned<GSocketConnection> accepted(
                g_socket_listener_accept(listener_.get(), nullptr, nullptr, nullptr));
            const Owned<GTlsCertificate> certificate(
                g_tls_certificate_new_from_pem(kCertificate, -1, nullptr));
            const Owned<GIOStream> tls(g_tls_server_connection_new(G_IO_STREAM(accepted.get()),
                                                                   certificate.get(), nullptr));
            camera(tls.get());
        });
        const Owned<GSocketClient> client(g_socket_client_new());
        g_socket_client_set_tls(client.get(), TRUE);
        g_socket_client_set_timeout(client.get(), 10);
        g_signal_connect(client.get(), "event", G_CALLBACK(on_event), nullptr);
        const Owned<GSocketConnection> connection(g_socket_client_connect(
            client.get(), G_SOCKET_CONNECTABLE(address_.get()), nullptr, nullptr));
        EXPECT_TRUE(connection);
        if (connection)
            source(G_IO_STREAM(connection.get()));
        thread.join();
    }

    static std::string read(GIOStream* stream, std::size_t size) {
        std::string bytes(size, '\0');
        gsize got = 0;
        g_input_stream_read_all(g_io_stream_get_input_stream(stream), bytes.data(), size, &got,
                                nullptr, nullptr);
        bytes.resize(got);
        return bytes;
    }
    static void write(GIOStream* stream, const std::string& bytes) {
        g_output_stream_write_all(g_io_stream_get_output_stream(stream), bytes.data(), bytes.size(),
                                  nullptr, nullptr, nullptr);
    }

  private:
    static void on_event(GSocketClient*, GSocketClientEvent event, GSocketConnectable*,
                         GIOStream* connection, gpointer) {
        if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
            g_signal_connect(connection, "accept-certificate", G_CALLBACK(accept), nullptr);
    }
    static gboolean accept(GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags, gpointer) {
        return TRUE;
    }

    Owned<GSocketListener> listener_;
    Owned<GSocketAddress> address_;
};

const std::string kRequest = "OPTIONS rtsp://camera/live RTSP/1.0\r\nCSeq: 1\r\n\r\n";

TEST_F(TlsTest, AClaimedConnectionHasItsMessagesSeen) {
    const std::string answer = "RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n";
    const auto camera = [](GIOStream* tls) {
        EXPECT_EQ(read(tls, kRequest.size()), kRequest);
        write(tls, "RTSP/1.0 200 OK\n\n"); // without its number
    };
    const auto source = [&](GIOStream* stream) {
        const auto ledger = std::make_shared<Ledger>();
        Tap::claim_newest(ledger, [&](Ref<GOutputStream> out) {
            return std::make_shared<Conversation>(
                std::make_unique<exchange::Exchange>(exchange::Rules{}), std::move(out), ledger,
                "");
        });
        EXPECT_FALSE(g_pollable_input_stream_is_readable(
            G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(stream))));
        std::string request = kRequest;
        request.replace(request.find("1\r\n\r\n"), 1, "7");
        write(stream, request);
        EXPECT_EQ(read(stream, answer.size()), answer);
        EXPECT_EQ(ledger->mended_answers, 1U);
    };
    connect(camera, source);
}

TEST_F(TlsTest, AnUnclaimedConnectionBearsAnything) {
    const std::string bytes(50000, '\x16');
    connect(
        [&](GIOStream* tls) {
            EXPECT_EQ(read(tls, bytes.size()), bytes);
            write(tls, bytes);
        },
        [&](GIOStream* stream) {
            write(stream, bytes);
            EXPECT_EQ(read(stream, bytes.size()), bytes);
        });
}

} // namespace
} // namespace rtspproxy::backend::tests
