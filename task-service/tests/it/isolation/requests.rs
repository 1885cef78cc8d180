//! Requests made from descriptors alone, and a client that sends them as bytes.

use prost::Message as _;
use prost::bytes::{Buf as _, BufMut as _};
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor,
    ReflectMessage as _, Value,
};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

/// A method of task-service that a person may call.
pub(crate) struct Method(MethodDescriptor);

/// A label that everybody has in use.
pub(crate) const LABEL: &str = "own";

/// For services alone, which name any person: `purge_owner` shows that nobody else gets so far.
const OF_SERVICES: [&str; 1] = ["tandem.tasks.v1.OwnerService"];

/// All that people may call, those of later services too.
pub(crate) fn methods() -> Vec<Method> {
    let pool = DescriptorPool::decode(proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let services: Vec<_> = pool.services().collect();
    services
        .iter()
        .filter(|service| service.full_name().starts_with("tandem.tasks.v1."))
        .filter(|service| !OF_SERVICES.contains(&service.full_name()))
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .map(Method)
        .collect()
}

impl Method {
    pub(crate) fn name(&self) -> &str {
        self.0.name()
    }

    pub(crate) fn service(&self) -> &str {
        self.0.parent_service().name()
    }

    /// As the contract has it, with its comment.
    pub(crate) fn descriptor(&self) -> &MethodDescriptor {
        &self.0
    }

    /// The paths of the text fields of such a name, through nested messages and lists.
    pub(crate) fn fields(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.0.input(), "", &wanted, &mut found);
        found
    }

    /// A request that needs only its ids to be right.
    pub(crate) fn request(&self) -> Draft {
        let mut draft = Draft(DynamicMessage::new(self.0.input()));
        draft.set_file();
        for text in self.fields(|name| name == "title" || name == "query") {
            draft.set(&text, "A title");
        }
        for label in self.fields(|name| name == "name") {
            draft.set(&label, LABEL);
        }
        for label in self.fields(|name| name == "new_name") {
            draft.set(&label, "renamed");
        }
        draft
    }
}

fn collect(
    message: &MessageDescriptor,
    before: &str,
    wanted: &impl Fn(&str) -> bool,
    found: &mut Vec<String>,
) {
    for field in message.fields() {
        let path = format!("{before}{}", field.name());
        match field.kind() {
            Kind::String if wanted(field.name()) => found.push(path),
            Kind::Message(inner) if inner.full_name().starts_with("tandem.") => {
                collect(&inner, &format!("{path}."), wanted, found);
            }
            _ => {}
        }
    }
}

/// A request in the making.
pub(crate) struct Draft(DynamicMessage);

impl Draft {
    /// Sets a text field; messages and the one element of lists on the way are made.
    pub(crate) fn set(&mut self, path: &str, text: &str) {
        set(&mut self.0, path, text);
    }

    /// A file, where one goes in or out.
    fn set_file(&mut self) {
        let message = self.0.descriptor();
        if let Some(format) = message.get_field_by_name("format") {
            self.0.set_field(&format, Value::EnumNumber(1));
        }
        if let Some(content) = message.get_field_by_name("content") {
            let file = br#"{"format":"tandem.tasks","version":1,"tasks":[{"title":"A title"}]}"#;
            self.0.set_field(&content, Value::Bytes(file.as_slice().into()));
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }
}

fn set(message: &mut DynamicMessage, path: &str, text: &str) {
    let (name, rest) = path
        .split_once('.')
        .map_or((path, None), |(name, rest)| (name, Some(rest)));
    let field = message
        .descriptor()
        .get_field_by_name(name)
        .expect("a path of ours");
    let slot = message.get_field_mut(&field);
    match (element(slot, &field), rest) {
        (Value::Message(inner), Some(rest)) => set(inner, rest, text),
        (value, _) => *value = Value::String(text.to_owned()),
    }
}

fn element<'a>(slot: &'a mut Value, field: &FieldDescriptor) -> &'a mut Value {
    match slot {
        Value::List(list) => {
            if list.is_empty() {
                list.push(Value::default_value(&field.kind()));
            }
            &mut list[0]
        }
        single => single,
    }
}

/// A stream that goes on for minutes.
const ENDLESS: &str = "WatchChanges";

/// Sends a request as it is. Of a stream that ends, all messages one behind the other; of one that does not, the first.
pub(crate) async fn call(
    channel: Channel,
    method: &Method,
    request: Request<Vec<u8>>,
) -> Result<Vec<u8>, Status> {
    let path = format!("/{}/{}", method.0.parent_service().full_name(), method.name());
    let mut client = Grpc::new(channel);
    client.ready().await.expect("the service is there");
    let path = path.parse().expect("a path");
    if !method.0.is_server_streaming() {
        let reply = client.unary(request, path, Raw).await;
        return reply.map(Response::into_inner);
    }
    let mut messages = client.server_streaming(request, path, Raw).await?.into_inner();
    let mut all = Vec::new();
    while let Some(message) = messages.message().await? {
        all.extend(message);
        if method.name() == ENDLESS {
            break;
        }
    }
    Ok(all)
}

struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        Ok(Some(bytes.to_vec()))
    }
}
