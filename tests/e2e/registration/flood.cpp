#include "tests/e2e/registration/flood.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace rtspproxy::tests {
namespace {

constexpr std::size_t kKept = 700;
constexpr std::uint32_t kAddresses = 250;
constexpr std::uint32_t kFirstAddress = 0x7f000101; // 127.0.1.1

bool connect_from(const Fd& socket, std::uint32_t from, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(from);
    if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return false;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

} // namespace

Flood::Flood(std::uint16_t port) : port_(port), thread_([this] { run(); }) {}

Flood::~Flood() {
    stopping_ = true;
    thread_.join();
}

bool Flood::wait_more(std::size_t count) const {
    const std::size_t wanted = opened_ + count;
    return eventually([&] { return opened_ >= wanted; });
}

void Flood::run() {
    constexpr int kAtOnce = 10;
    while (!stopping_) {
        for (int i = 0; i < kAtOnce && open_one(); ++i) {
        }
        std::this_thread::sleep_for(10ms);
    }
}

bool Flood::open_one() {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto from = kFirstAddress + static_cast<std::uint32_t>(opened_ % kAddresses);
    if (!socket || !connect_from(socket, from, port_))
        return false;
    ++opened_;
    newest_.push_back(std::move(socket));
    if (newest_.size() > kKept)
        newest_.pop_front();
    return true;
}

} // namespace rtspproxy::tests
