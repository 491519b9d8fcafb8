// SPDX-License-Identifier: Apache-2.0
// Paths as the runtimes name them, cgroup v1 and v2; the shapes are those of their sources
// (containerd's cri, cri-o's cgmgr, libpod, the kubelet's cgroup manager).
#include "host/cgroup_path.h"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace tcptrace;

namespace {

const std::string id = "3b7e0c1d5f9a4e2b8c6d7f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e";
const std::string outer_id(64, 'a');
const std::string uid = "0f3c5c0e-1a2b-4c3d-8e9f-a0b1c2d3e4f5";
const std::string uid_of_systemd = "0f3c5c0e_1a2b_4c3d_8e9f_a0b1c2d3e4f5";

void wants(const std::string &cgroups, const std::string &container, const std::string &pod)
{
    CAPTURE(cgroups);
    const ContainerPlace place = container_of(cgroups);
    CHECK(place.container == container);
    CHECK(place.pod_uid == pod);
}

} // namespace

TEST_CASE("containers without pods")
{
    wants("12:memory:/docker/" + id + "\n0::/docker/" + id + "\n", id, "");
    wants("0::/system.slice/docker-" + id + ".scope\n", id, "");
    wants("0::/machine.slice/libpod-" + id + ".scope/container\n", id, "");
    wants("0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope\n",
          id, "");
}

TEST_CASE("containers of pods")
{
    wants("3:cpu:/kubepods/besteffort/pod" + uid + "/" + id + "\n", id, uid);
    wants("0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + uid_of_systemd +
              ".slice/cri-containerd-" + id + ".scope\n",
          id, uid);
    wants("0::/kubepods.slice/kubepods-pod" + uid_of_systemd + ".slice/crio-" + id + ".scope\n", id,
          uid);
    wants("1:name=systemd:/system.slice/containerd.service/kubepods-besteffort-pod" +
              uid_of_systemd + ".slice:cri-containerd:" + id + "\n",
          id, uid);
}

TEST_CASE("a pod from a file on the node has a uid without dashes")
{
    const std::string plain = "8a5f0b1c2d3e4f5061728394a5b6c7d8";
    wants("0::/kubepods/burstable/pod" + plain + "/" + id + "\n", id, plain);
}

TEST_CASE("of containers in containers the innermost counts")
{
    wants("0::/docker/" + outer_id + "/kubelet/kubepods/pod" + uid + "/cri-containerd-" + id +
              ".scope\n",
          id, uid);
}

TEST_CASE("what is no container is none")
{
    wants("", "", "");
    wants("0::/\n", "", "");
    wants("0::/init.scope\n", "", "");
    wants("0::/system.slice/ssh.service\n", "", "");
    wants("0::/machine.slice/libpod-conmon-" + id + ".scope\n", "", "");
    wants("0::/system.slice/crio-conmon-" + id + ".scope\n", "", "");
    wants("0::/docker/" + id.substr(1) + "\n", "", "");         // 63 digits
    wants("0::/docker/" + id.substr(1) + "g\n", "", "");        // no digit
    wants("0::/build" + id + "\n", "", "");                     // 64 digits at the end of a word
    wants("0::/kubepods/pod0f3c5c0e-1a2b-4c3d-8e9f\n", "", ""); // a short uid
    wants("0::/kubepods/tripod" + uid + "\n", "", "");          // no pod
    wants("no colons at all\n:\n::\n0:\n" + std::string(100, '/'), "", "");
}

TEST_CASE("a pod's own sandbox folder names the pod alone")
{
    wants("4:pids:/\n0::/kubepods/pod" + uid + "\n", "", uid);
}
