//! Generates the stubs of the echo service as tonic generates all others, without a .proto file: what only the load run
//! calls does not belong in the public contract.

use tonic_prost_build::manual::{Builder, Method, Service};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let echo = Method::builder()
        .name("echo")
        .route_name("Echo")
        .input_type("::proto::tasks::v1::Task")
        .output_type("::proto::tasks::v1::Task")
        .codec_path("tonic_prost::ProstCodec")
        .build();
    let service = Service::builder()
        .package("tandem.bench.v1")
        .name("EchoService")
        .method(echo)
        .build();
    Builder::new().compile(&[service]);
}
