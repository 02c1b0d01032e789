import protobuf from 'protobufjs/light.js';

/**
 * The part of ONNX's protobuf schema (onnx.proto, IR version 9) that a graph of ours needs, as plain data, so that no
 * `.proto` file has to be compiled. Field numbers are ONNX's.
 */
const schema = new protobuf.Root().define('onnx').addJSON({
  ModelProto: {
    fields: {
      irVersion: { id: 1, type: 'int64' },
      producerName: { id: 2, type: 'string' },
      graph: { id: 7, type: 'GraphProto' },
      opsetImport: { id: 8, rule: 'repeated', type: 'OperatorSetIdProto' },
    },
  },
  OperatorSetIdProto: { fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } } },
  GraphProto: {
    fields: {
      node: { id: 1, rule: 'repeated', type: 'NodeProto' },
      name: { id: 2, type: 'string' },
      initializer: { id: 5, rule: 'repeated', type: 'TensorProto' },
      input: { id: 11, rule: 'repeated', type: 'ValueInfoProto' },
      output: { id: 12, rule: 'repeated', type: 'ValueInfoProto' },
    },
  },
  NodeProto: {
    fields: {
      input: { id: 1, rule: 'repeated', type: 'string' },
      output: { id: 2, rule: 'repeated', type: 'string' },
      name: { id: 3, type: 'string' },
      opType: { id: 4, type: 'string' },
      attribute: { id: 5, rule: 'repeated', type: 'AttributeProto' },
      domain: { id: 7, type: 'string' },
    },
  },
  AttributeProto: {
    fields: {
      name: { id: 1, type: 'string' },
      f: { id: 2, type: 'float' },
      i: { id: 3, type: 'int64' },
      s: { id: 4, type: 'bytes' },
      floats: { id: 7, rule: 'repeated', type: 'float' },
      ints: { id: 8, rule: 'repeated', type: 'int64' },
      type: { id: 20, type: 'int32' },
    },
  },
  TensorProto: {
    fields: {
      dims: { id: 1, rule: 'repeated', type: 'int64' },
      dataType: { id: 2, type: 'int32' },
      name: { id: 8, type: 'string' },
      rawData: { id: 9, type: 'bytes' },
      externalData: { id: 13, rule: 'repeated', type: 'StringStringEntryProto' },
      dataLocation: { id: 14, type: 'int32' },
    },
  },
  StringStringEntryProto: { fields: { key: { id: 1, type: 'string' }, value: { id: 2, type: 'string' } } },
  ValueInfoProto: { fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'TypeProto' } } },
  TypeProto: { fields: { tensorType: { id: 1, type: 'TypeProtoTensor' } } },
  TypeProtoTensor: { fields: { elemType: { id: 1, type: 'int32' }, shape: { id: 2, type: 'TensorShapeProto' } } },
  TensorShapeProto: { fields: { dim: { id: 1, rule: 'repeated', type: 'Dimension' } } },
  Dimension: { fields: { dimValue: { id: 1, type: 'int64' }, dimParam: { id: 2, type: 'string' } } },
});

/** Element types of ONNX tensors and their numbers in TensorProto.DataType. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e5m2: 19,
} as const;

export type ElementType = keyof typeof elementTypes;

/** A dimension's size, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;

/** AttributeProto.AttributeType */
const attributeTypes = { f: 1, i: 2, s: 3, floats: 6, ints: 7 } as const;

export type Attribute =
  | { readonly f: number }
  | { readonly i: number }
  | { readonly s: string }
  | { readonly floats: readonly number[] }
  | { readonly ints: readonly number[] };

export interface Node {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A constant: its bytes inside the model, or a range of a file outside it. */
export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array | { readonly location: string; readonly offset: number; readonly byteLength: number };
}

export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

export interface ModelDescription {
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** Version 19 is the first whose Cast reads 8-bit floats. */
const OPSET_VERSION = 19;
const IR_VERSION = 9;
/** TensorProto.DataLocation.EXTERNAL */
const EXTERNAL = 1;

/** Serialises a model as ONNX Runtime reads it. */
export function encodeModel(model: ModelDescription): Uint8Array {
  return schema
    .lookupType('ModelProto')
    .encode({
      irVersion: IR_VERSION,
      producerName: 'easel',
      opsetImport: [
        { domain: '', version: OPSET_VERSION },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: {
        name: 'easel',
        node: model.nodes.map(nodeProto),
        initializer: model.initializers.map(tensorProto),
        input: model.inputs.map(valueInfoProto),
        output: model.outputs.map(valueInfoProto),
      },
    })
    .finish();
}

function nodeProto(node: Node) {
  const attribute = Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value));
  return {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    input: node.inputs,
    output: node.outputs,
    attribute,
  };
}

function attributeProto(name: string, value: Attribute) {
  if ('f' in value) return { name, f: value.f, type: attributeTypes.f };
  if ('i' in value) return { name, i: value.i, type: attributeTypes.i };
  if ('s' in value) return { name, s: new TextEncoder().encode(value.s), type: attributeTypes.s };
  if ('floats' in value) return { name, floats: value.floats, type: attributeTypes.floats };
  return { name, ints: value.ints, type: attributeTypes.ints };
}

function tensorProto({ name, type, shape, data }: Initializer) {
  const tensor = { name, dims: shape, dataType: elementTypes[type] };
  if (data instanceof Uint8Array) return { ...tensor, rawData: data };
  const externalData = [
    { key: 'location', value: data.location },
    { key: 'offset', value: String(data.offset) },
    { key: 'length', value: String(data.byteLength) },
  ];
  return { ...tensor, externalData, dataLocation: EXTERNAL };
}

function valueInfoProto({ name, type, shape }: ValueInfo) {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}
