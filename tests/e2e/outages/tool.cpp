#include "tests/e2e/outages/tool.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

namespace rtspproxy::tests {
namespace {

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
        read = Fd(ends[0]);
        write = Fd(ends[1]);
    }
    Fd read;
    Fd write;
};

// In the child: only async-signal-safe calls.
[[noreturn]] void become(char* const* arguments, int in, int out) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    execv(arguments[0], arguments);
    _exit(127);
}

} // namespace

Tool::Tool(std::vector<std::string> arguments) : name_(arguments.front()) {
    Pipe in;
    Pipe out;
    std::vector<char*> pointers;
    for (auto& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0)
        become(pointers.data(), in.read.get(), out.write.get());
    if (pid_ < 0)
        throw std::runtime_error("cannot fork");
    input_ = std::move(in.write);
    output_ = std::move(out.read);
}

Tool::~Tool() {
    kill();
}

std::string Tool::ask(const std::string& command) {
    const std::string line = command + "\n";
    // A tool that has ended must not end the test by SIGPIPE.
    static const auto ignored = std::signal(SIGPIPE, SIG_IGN);
    static_cast<void>(ignored);
    if (::write(input_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        throw std::runtime_error(name_ + " has ended");
    return read_line();
}

std::string Tool::read_line(Clock::duration patience) {
    const auto deadline = Clock::now() + patience;
    for (;;) {
        if (const auto end = buffer_.find('\n'); end != std::string::npos) {
            const std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd polled{output_.get(), POLLIN, 0};
        if (left <= 0 || ::poll(&polled, 1, static_cast<int>(left)) <= 0)
            throw std::runtime_error(name_ + " does not answer");
        std::array<char, 4096> chunk{};
        const auto size = ::read(output_.get(), chunk.data(), chunk.size());
        if (size <= 0)
            throw std::runtime_error(name_ + " has ended");
        buffer_.append(chunk.data(), static_cast<std::size_t>(size));
    }
}

void Tool::send_signal(int signal) const {
    if (pid_ > 0)
        ::kill(pid_, signal);
}

void Tool::kill() {
    if (pid_ <= 0)
        return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

} // namespace rtspproxy::tests
