# The image for both architectures, in the root of the repository, after mvn -q -DskipTests package:
#   IMAGE=registry.example.com/market-collector:0.1.0 docker buildx bake -f infra/docker/docker-bake.hcl --push
# The build runs Java of each architecture, for the class archive: it needs a builder of each, or QEMU.

variable "IMAGE" {
  default = "market-collector"
}

target "default" {
  context    = "."
  dockerfile = "infra/docker/Dockerfile"
  platforms  = ["linux/amd64", "linux/arm64"]
  tags       = [IMAGE]
}
