"""brasa for Conan 2:   conan create packaging/conan"""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")


class Brasa(ConanFile):
    name = "brasa"
    description = "torch.nn for C++: header-only, backed by Eigen, checkpoints included"
    license = "MIT"
    topics = ("neural-network", "pytorch", "eigen", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"checkpoint": [True, False]}
    default_options = {"checkpoint": True}
    no_copy_source = True

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, ROOT, "include/brasa/version.hpp"))
        self.version = ".".join(re.findall(r"^#define BRASA_VERSION_\w+ (\d+)$", header, re.M))

    def export_sources(self):
        root = os.path.join(self.recipe_folder, ROOT)
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*"):
            copy(self, pattern, root, self.export_sources_folder)

    def requirements(self):
        self.requires("eigen/3.4.0")
        if self.options.checkpoint:
            self.requires("nlohmann_json/3.11.3")

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.variables["BRASA_CHECKPOINT"] = bool(self.options.checkpoint)
        for off in ("BRASA_BUILD_TESTS", "BRASA_BUILD_EXAMPLES"):
            toolchain.variables[off] = False
        toolchain.generate()

    def package(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.install()

    def package_id(self):
        self.info.settings.clear()  # headers: the option alone makes a difference
        self.info.requires.clear()

    def package_info(self):
        self.cpp_info.bindirs = self.cpp_info.libdirs = []
        self.cpp_info.components["core"].set_property("cmake_target_name", "brasa::brasa")
        self.cpp_info.components["core"].set_property("pkg_config_name", "brasa")
        self.cpp_info.components["core"].requires = ["eigen::eigen"]
        if self.options.checkpoint:
            checkpoint = self.cpp_info.components["checkpoint"]
            checkpoint.set_property("cmake_target_name", "brasa::checkpoint")
            checkpoint.set_property("pkg_config_name", "brasa-checkpoint")
            checkpoint.requires = ["core", "nlohmann_json::nlohmann_json"]
