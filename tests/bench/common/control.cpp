#include "tests/bench/common/control.hpp"

#include "tests/bench/common/rtsp_message.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <utility>

namespace rtspproxy::bench {

void print_line(std::string_view line) {
    std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
    std::fflush(stdout);
}

Control::Control(Loop& loop, Command command) : loop_(loop), command_(std::move(command)) {
    struct stat status {};
    if (::fstat(STDIN_FILENO, &status) != 0)
        return;
    driven_ = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
    loop_.watch(STDIN_FILENO, EPOLLIN, [this](std::uint32_t) { on_readable(); });
}

void Control::on_readable() {
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count <= 0) {
        loop_.forget(STDIN_FILENO);
        if (driven_)
            loop_.quit();
        return;
    }
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    for (auto end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n')) {
        const std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        on_line(line);
    }
}

void Control::on_line(std::string_view line) {
    std::vector<std::string_view> words;
    for (const std::string_view word : split(trimmed(line), ' ')) {
        if (!word.empty())
            words.push_back(word);
    }
    if (words.empty())
        return;
    if (words.front() == "quit") {
        print_line("ok");
        loop_.quit();
        return;
    }
    print_line(command_(words));
}

} // namespace rtspproxy::bench
