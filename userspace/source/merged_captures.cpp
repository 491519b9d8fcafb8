// SPDX-License-Identifier: Apache-2.0
#include "source/merged_captures.h"

#include <algorithm>
#include <numeric>

namespace tcptrace {

Result<MergedCaptures> MergedCaptures::open(const std::vector<std::string> &paths)
{
    MergedCaptures merged;

    for (const std::string &path : paths) {
        auto file = CaptureFile::open(path);
        if (!file)
            return std::unexpected(file.error());
        merged.files_.push_back(std::move(*file));
    }
    merged.heads_.resize(paths.size());
    merged.to_read_.resize(paths.size());
    std::iota(merged.to_read_.begin(), merged.to_read_.end(), std::size_t{0});
    return merged;
}

MergedCaptures::Next MergedCaptures::next()
{
    for (const std::size_t file : to_read_)
        read_from(file);
    to_read_.clear();
    if (turns_.empty())
        return {};
    const std::size_t file = turns_.top().second;
    turns_.pop();
    to_read_.push_back(file);
    return {.frame = heads_[file], .file = file};
}

void MergedCaptures::read_from(std::size_t file)
{
    const auto frame = files_[file].next();

    if (!frame)
        damages_.push_back(frame.error());
    heads_[file] = frame.value_or(nullptr);
    if (heads_[file])
        turns_.emplace(heads_[file]->time_ns, file);
}

Result<void> MergedCaptures::outcome() const
{
    if (damages_.empty())
        return {};
    Error all = damages_.front();
    for (std::size_t i = 1; i < damages_.size(); i++)
        all.message += "; " + damages_[i].message;
    return std::unexpected(std::move(all));
}

bool MergedCaptures::waits() const
{
    return std::ranges::any_of(files_, &CaptureFile::waits);
}

} // namespace tcptrace
