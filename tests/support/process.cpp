#include "tests/support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <sstream>
#include <stdexcept>

namespace rtspproxy::tests {

namespace {

struct Pipe {
    Fd read;
    Fd write;
};

Pipe open_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");
    return {Fd(ends[0]), Fd(ends[1])};
}

// In the child: only async-signal-safe calls.
[[noreturn]] void become(char* const* arguments, int out, int err) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execvp(arguments[0], arguments);
    constexpr char kMessage[] = "cannot execute the program\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
    _exit(127);
}

// False at the end of the stream.
bool read_some(int fd, std::string& text) {
    std::array<char, 4096> chunk{};
    const auto size = ::read(fd, chunk.data(), chunk.size());
    if (size > 0)
        text.append(chunk.data(), static_cast<std::size_t>(size));
    return size > 0 || (size < 0 && errno == EINTR);
}

} // namespace

Process::Process(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
    Pipe out = open_pipe();
    Pipe err = open_pipe();
    Pipe stop = open_pipe();
    std::vector<char*> pointers;
    for (auto& argument : arguments_)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0)
        become(pointers.data(), out.write.get(), err.write.get());
    if (pid_ < 0)
        throw std::runtime_error("cannot fork");
    // Here too, so that the group is there whoever comes first.
    setpgid(pid_, pid_);
    stop_ = std::move(stop.write);
    reader_ = std::thread([this, out = std::move(out.read), err = std::move(err.read),
                           stop = std::move(stop.read)] { collect(out, err, stop); });
}

Process::~Process() {
    reap(WNOHANG);
    if (!exit_code_) {
        // With what it started itself: its process group.
        ::kill(-pid_, SIGKILL);
        reap(0);
    }
    stop_.close();
    reader_.join();
}

void Process::collect(const Fd& out, const Fd& err, const Fd& stop) {
    std::array<pollfd, 3> polled{pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0},
                                 pollfd{stop.get(), POLLIN, 0}};
    while (polled[0].fd >= 0 || polled[1].fd >= 0) {
        if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR)
            break;
        if (polled[2].revents != 0)
            break;
        for (std::size_t index = 0; index < 2; ++index) {
            if (polled[index].fd < 0 || polled[index].revents == 0)
                continue;
            std::string text;
            if (!read_some(polled[index].fd, text))
                polled[index].fd = -1;
            output_.with([&](Output& output) { (index == 0 ? output.out : output.err) += text; });
        }
    }
    output_.lock()->closed = true;
}

void Process::reap(int options) {
    int status = 0;
    if (exit_code_ || waitpid(pid_, &status, options) != pid_)
        return;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool Process::running() {
    reap(WNOHANG);
    return !exit_code_;
}

void Process::send_signal(int signal) const {
    // Once reaped, the number may belong to another process.
    if (!exit_code_)
        ::kill(pid_, signal);
}

std::optional<int> Process::wait_exit(Clock::duration patience) {
    if (eventually([this] { return !running(); }, patience)) {
        // What it wrote last may still be on its way.
        [[maybe_unused]] const bool all = eventually([this] { return output_.lock()->closed; }, 2s);
    }
    return exit_code_;
}

std::string Process::out() {
    return output_.lock()->out;
}
std::string Process::err() {
    return output_.lock()->err;
}
std::vector<std::string> Process::out_lines() {
    return split_lines(out());
}

bool Process::wait_out(const std::string& text, Clock::duration patience) {
    return eventually([&] { return out().find(text) != std::string::npos || !running(); },
                      patience) &&
           eventually([&] { return out().find(text) != std::string::npos; }, 1s);
}

bool Process::wait_err(const std::string& text, Clock::duration patience) {
    return eventually([&] { return err().find(text) != std::string::npos || !running(); },
                      patience) &&
           eventually([&] { return err().find(text) != std::string::npos; }, 1s);
}

std::string Process::report() {
    std::string text = "command:";
    for (const auto& argument : arguments_)
        text += " " + argument;
    text += running() ? "\nstill runs" : "\nexit code " + std::to_string(*exit_code_);
    return text + "\nstdout:\n" + out() + "stderr:\n" + err();
}

Finished run(std::vector<std::string> arguments, Clock::duration patience) {
    Process process(std::move(arguments));
    const auto exit_code = process.wait_exit(patience);
    return {exit_code, process.out(), process.err()};
}

std::vector<std::string> split_lines(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        lines.push_back(line);
    }
    return lines;
}

} // namespace rtspproxy::tests
