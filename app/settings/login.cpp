#include "app/settings/login.hpp"

#include "app/settings/secrets.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

namespace rtspproxy::settings {

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        if (const char* value = std::getenv(name.c_str()); value != nullptr)
            return value;
        return std::nullopt;
    };
}

Result<Credentials> read_password_file(const std::string& path) {
    const auto name = "--password-file " + masked_quote(path);
    errno = 0;
    std::ifstream file(path);
    if (!file)
        return failure(name + ": cannot be opened: " + std::strerror(errno));
    // Bounded, because the path may be that of a device or of any file at all.
    std::array<char, 1024> buffer{};
    file.getline(buffer.data(), buffer.size());
    if (file.bad())
        return failure(name + ": cannot be read");
    if (file.fail() && !file.eof())
        return failure(name + ": the first line is too long to be USER:PASSWORD");

    std::string_view line = buffer.data();
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return failure(name + ": the first line must be USER:PASSWORD");
    return Credentials{std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))};
}

Result<void> check_user_name(const std::string& option, const std::string& user) {
    if (user.empty())
        return failure(option + ": the user name is empty");
    if (user.find(':') != std::string::npos)
        return failure(option + ": a user name holds no ':' (RFC 7617); USER and PASSWORD are two "
                                "arguments");
    return {};
}

Result<std::optional<Credentials>> environment_login(const Environment& environment) {
    const auto user = environment(kUserVariable);
    const auto password = environment(kPasswordVariable);
    if (user && !user->empty())
        return Credentials{*user, password.value_or("")};
    if (password && !password->empty())
        return failure(std::string(kPasswordVariable) + " is set, but " + kUserVariable +
                       " is not: set both or neither");
    return std::nullopt;
}

std::optional<Credentials> backend_login(const BackendUrl& url,
                                         const std::optional<Credentials>& common) {
    if (!url.user)
        return common;
    if (url.password)
        return Credentials{*url.user, *url.password};
    if (common && common->user == *url.user)
        return common;
    return Credentials{*url.user, ""};
}

} // namespace rtspproxy::settings
