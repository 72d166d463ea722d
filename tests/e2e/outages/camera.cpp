#include "tests/e2e/outages/camera.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace rtspproxy::tests {

Camera::Camera(std::vector<std::string> options)
    : port_(free_port()), options_(std::move(options)) {
    start();
}

std::string Camera::url() const {
    return "rtsp://127.0.0.1:" + std::to_string(port_) + "/stream";
}

void Camera::tell(const std::string& command) {
    EXPECT_EQ(tool_->ask(command), "ok") << command;
}

int Camera::requests(const std::string& method) {
    return stats().at("requests").at(method).get<int>();
}

bool Camera::wait_requests(const std::string& method, int count, Clock::duration patience) {
    return eventually([&] { return requests(method) >= count; }, patience);
}

void Camera::start() {
    std::vector<std::string> arguments{RTSPPROXY_BENCH_CAMERA, "--port", std::to_string(port_)};
    for (const auto& [option, value] : {std::pair("--bitrate", "400000"), std::pair("--gop", "25")})
        if (std::ranges::find(options_, option) == options_.end())
            arguments.insert(arguments.end(), {option, value});
    arguments.insert(arguments.end(), options_.begin(), options_.end());
    tool_.emplace(std::move(arguments));
    const auto line = tool_->read_line();
    EXPECT_EQ(line, "listening " + std::to_string(port_));
}

} // namespace rtspproxy::tests
