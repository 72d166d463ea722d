#include "tests/e2e/hostile/crossfire.hpp"

namespace rtspproxy::tests {

Crossfire::Crossfire(const std::string& url, int clients, Way way) : url_(url), way_(way) {
    for (int i = 0; i < clients; ++i)
        threads_.emplace_back([this] { run(); });
}

Crossfire::~Crossfire() {
    stopping_ = true;
    for (std::thread& thread : threads_)
        thread.join();
}

bool Crossfire::wait_more(std::size_t answers) const {
    return eventually([this, enough = answers_ + answers] { return answers_ >= enough; });
}

void Crossfire::run() {
    while (!stopping_) {
        auto connection =
            way_ == Way::Tcp ? RtspConnection::connect(url_) : RtspConnection::connect_tunnel(url_);
        if (connection)
            play_and_ask(*connection);
        else
            std::this_thread::sleep_for(10ms);
    }
}

void Crossfire::play_and_ask(RtspConnection& connection) {
    const auto ask = [&](const std::string& method, const std::string& url,
                         const RtspConnection::Headers& headers) {
        auto response = connection.request(method, url, headers, 2s);
        answers_ += response ? 1 : 0;
        return response;
    };
    const auto described = ask("DESCRIBE", url_, {});
    if (!described)
        return;
    const auto set_up =
        ask("SETUP", url_ + "/stream=0", {"Transport: RTP/AVP/TCP;unicast;interleaved=0-1"});
    if (!set_up)
        return;
    const std::string session = "Session: " + set_up->header("session");
    if (const auto played = ask("PLAY", url_, {session}); played && played->status == 200)
        ++played_;
    while (!stopping_ && ask("GET_PARAMETER", url_, {session}) && ask("DESCRIBE", url_, {}))
        ;
}

} // namespace rtspproxy::tests
