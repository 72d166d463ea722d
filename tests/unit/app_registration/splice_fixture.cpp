#include "tests/unit/app_registration/splice_fixture.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace rtspproxy::tests {

using registration_app::ReusedConnection;
using registration_app::Splicer;

void End::send(const std::string& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count = ::send(fd(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0)
            return; // the reader of this test will miss it
        sent += static_cast<std::size_t>(count);
    }
}

std::size_t End::send_some(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t count =
            ::send(fd(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count <= 0)
            break;
        sent += static_cast<std::size_t>(count);
    }
    return sent;
}

std::string End::read(std::size_t length) {
    std::string bytes(length, '\0');
    std::size_t received = 0;
    while (received < length) {
        const ssize_t count = recv(fd(), bytes.data() + received, length - received, 0);
        if (count <= 0)
            break;
        received += static_cast<std::size_t>(count);
    }
    bytes.resize(received);
    return bytes;
}

bool End::ended() {
    char byte = 0;
    const ssize_t count = recv(fd(), &byte, 1, 0);
    return count == 0 || (count < 0 && errno == ECONNRESET);
}

bool End::silent() {
    char byte = 0;
    return recv(fd(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}

void End::reset() {
    const linger now{1, 0};
    setsockopt(fd(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
}

End dial(std::uint16_t port) {
    auto socket = connect_tcp("127.0.0.1", port, kPatience);
    EXPECT_TRUE(socket) << socket.error().message;
    return End(socket ? std::move(*socket) : Fd());
}

Connected connect_device() {
    const auto listener = listen_tcp("127.0.0.1", 0, 1);
    EXPECT_TRUE(listener);
    End device = dial(local_port(*listener));
    const int accepted = accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC);
    EXPECT_GE(accepted, 0);
    return {std::move(device), Ref<GSocket>::adopt(g_socket_new_from_fd(accepted, nullptr))};
}

SpliceTest::SpliceTest(registration_app::SpliceOptions options)
    : splicer_(std::make_unique<Splicer>(options)) {
    auto connection = ReusedConnection::open(*splicer_);
    EXPECT_TRUE(connection);
    connection_ = std::move(*connection);
}

End SpliceTest::attach() {
    Connected connected = connect_device();
    connection_->set_device(std::move(connected.socket), [gone = gone_](const std::string& why) {
        gone->lock()->push_back(why);
    });
    return std::move(connected.device);
}

bool SpliceTest::wait_gone(std::size_t count) {
    return eventually([&] { return gone().size() >= count; });
}

void SpliceTest::exchange(End& client, End& device, const std::string& method,
                          const std::string& answer) {
    const std::string question = request(method);
    client.send(question);
    EXPECT_EQ(device.read(question.size()), question);
    device.send(answer);
    EXPECT_EQ(client.read(answer.size()), answer);
}

void SpliceTest::exchange(End& client, End& device, const std::string& method) {
    exchange(client, device, method, ok_response());
}

std::string request(const std::string& method) {
    return method + " rtsp://192.168.1.10/live RTSP/1.0\r\nCSeq: 1\r\n\r\n";
}

std::string ok_response() {
    return "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n";
}

std::string frame(const std::string& data) {
    std::string bytes("$\0", 2);
    bytes += static_cast<char>(data.size() >> 8U);
    bytes += static_cast<char>(data.size() & 0xffU);
    return bytes + data;
}

} // namespace rtspproxy::tests
