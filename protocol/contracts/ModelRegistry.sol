// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {DatanetRegistry} from "./DatanetRegistry.sol";
import {Governed} from "./Governed.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";

/// @notice Models, what each version was trained on, and the workers that serve them.
contract ModelRegistry is Governed, EIP712, Nonces, IModelRegistry {
    struct Model {
        address owner;
        ModelStatus status;
        uint32 versions;
        bytes32 baseModelId;
        uint256 inPer1k;
        uint256 outPer1k;
    }

    struct TrainingSource {
        uint256 datanetId;
        uint32 version;
    }

    /// @notice May record evaluations of any model; owners may record them for their own.
    bytes32 public constant EVALUATOR_ROLE = keccak256("EVALUATOR_ROLE");
    uint256 public constant ONE = 1e18;
    uint16 public constant MAX_RANK = 1024;
    uint256 public constant MAX_SOURCES = 64;

    bytes32 private constant WORKER_CONSENT_TYPEHASH =
        keccak256("WorkerConsent(address worker,address operator,uint256 nonce,uint256 deadline)");

    DatanetRegistry public immutable DATANETS;

    uint256 public modelCount;

    mapping(uint256 modelId => Model) private _models;
    mapping(uint256 modelId => mapping(uint32 version => bytes32)) public adapterHash;
    mapping(uint256 modelId => mapping(uint32 version => mapping(uint256 datanetId => bool))) public trainedOn;
    mapping(address worker => address) public operatorOf;
    mapping(address worker => mapping(address operator => bool)) public isWilling;
    mapping(uint256 modelId => mapping(address worker => mapping(uint32 version => bool))) public isDeployed;

    error UnknownModel(uint256 modelId);
    error UnknownVersion(uint256 modelId, uint32 version);
    error NotModelOwner(uint256 modelId, address caller);
    error ModelNotActive(uint256 modelId, ModelStatus status);
    error EmptyName();
    error EmptyAdapter();
    error InvalidRank(uint16 rank, uint16 maximum);
    error InvalidStatus(uint8 status);
    error ScoreAboveOne(uint256 score);
    error UnknownDatanetVersion(uint256 datanetId, uint32 version);
    error NoDatanetAccess(uint256 datanetId, address account);
    error DuplicateSource(uint256 datanetId);
    error TooManySources(uint256 sources, uint256 maximum);
    error UnknownWorker(address worker);
    error NotWorkerOperator(address worker, address caller);
    error OperatorNotWilling(address worker, address operator);
    error EmptyEndpoint();
    error SignatureExpired(uint256 deadline);
    error InvalidSignature(address signer);
    error AlreadyDeployed(uint256 modelId, address worker, uint32 version);
    error NotDeployed(uint256 modelId, address worker, uint32 version);

    modifier onlyOwnerOf(uint256 modelId) {
        if (_existing(modelId).owner != msg.sender) revert NotModelOwner(modelId, msg.sender);
        _;
    }

    constructor(address admin, DatanetRegistry datanets) Governed(admin) EIP712("OpenLedger ModelRegistry", "1") {
        DATANETS = datanets;
    }

    // --- models ---

    /// @notice A new model starts as a draft; it can be deployed once its owner sets it active.
    function registerModel(bytes32 baseModelId, string calldata name, string calldata uri)
        external
        whenNotPaused
        returns (uint256 modelId)
    {
        if (bytes(name).length == 0) revert EmptyName();
        modelId = ++modelCount;
        Model storage m = _models[modelId];
        m.owner = msg.sender;
        m.status = ModelStatus.Draft;
        m.baseModelId = baseModelId;
        emit ModelRegistered(modelId, msg.sender, baseModelId, name, uri);
    }

    /// @notice Publishes an adapter and the datanet versions it was trained on; private datanets need access.
    function publishVersion(
        uint256 modelId,
        bytes32 adapter,
        string calldata adapterURI,
        bytes32 manifestHash,
        uint16 rank,
        TrainingSource[] calldata sources
    ) external whenNotPaused onlyOwnerOf(modelId) returns (uint32 version) {
        if (adapter == 0) revert EmptyAdapter();
        if (rank == 0 || rank > MAX_RANK) revert InvalidRank(rank, MAX_RANK);
        if (sources.length > MAX_SOURCES) revert TooManySources(sources.length, MAX_SOURCES);
        Model storage m = _models[modelId];
        if (m.status == ModelStatus.Withdrawn) revert ModelNotActive(modelId, m.status);
        version = ++m.versions;
        adapterHash[modelId][version] = adapter;
        emit ModelVersionPublished(modelId, version, adapter, adapterURI, manifestHash, rank);
        for (uint256 i = 0; i < sources.length; i++) _recordSource(modelId, version, sources[i]);
    }

    /// @param score 1e18 fixed point.
    function recordEvaluation(uint256 modelId, bytes32 benchmarkId, uint32 version, uint256 score, string calldata uri)
        external
        whenNotPaused
    {
        if (_existing(modelId).owner != msg.sender && !hasRole(EVALUATOR_ROLE, msg.sender)) {
            revert NotModelOwner(modelId, msg.sender);
        }
        _checkVersion(modelId, version);
        if (score > ONE) revert ScoreAboveOne(score);
        emit ModelEvaluated(modelId, benchmarkId, version, score, uri);
    }

    /// @param inPer1k wei of OPEN for 1,000 prompt tokens. @param outPer1k wei of OPEN for 1,000 generated tokens.
    function setPricing(uint256 modelId, uint256 inPer1k, uint256 outPer1k) external onlyOwnerOf(modelId) {
        Model storage m = _models[modelId];
        m.inPer1k = inPer1k;
        m.outPer1k = outPer1k;
        emit ModelPricingUpdated(modelId, inPer1k, outPer1k);
    }

    function setStatus(uint256 modelId, ModelStatus status) external onlyOwnerOf(modelId) {
        Model storage m = _models[modelId];
        if (status == ModelStatus.None || status == m.status || m.status == ModelStatus.Withdrawn) {
            revert InvalidStatus(uint8(status));
        }
        emit ModelStatusUpdated(modelId, uint8(m.status), uint8(status));
        m.status = status;
    }

    // --- workers ---

    /// @notice The caller registers its own address as a worker and its operator, or renews its endpoint.
    function registerWorker(string calldata endpoint) external {
        _registerWorker(msg.sender, msg.sender, endpoint);
    }

    /// @notice An operator registers a worker key that agreed to it by signature.
    function registerWorkerWithConsent(address worker, string calldata endpoint, uint256 deadline, bytes calldata signature)
        external
    {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        bytes32 digest = hashWorkerConsent(worker, msg.sender, _useNonce(worker), deadline);
        if (!SignatureChecker.isValidSignatureNow(worker, digest, signature)) revert InvalidSignature(worker);
        _registerWorker(worker, msg.sender, endpoint);
    }

    /// @notice The operator of a registered worker announces a new endpoint.
    function setEndpoint(address worker, string calldata endpoint) external {
        if (operatorOf[worker] != msg.sender) revert NotWorkerOperator(worker, msg.sender);
        _registerWorker(worker, msg.sender, endpoint);
    }

    /// @notice The caller agrees to become the operator of `worker`, or takes that back. An operator answers for its
    /// workers with its stakes, so nobody becomes one unasked.
    function setWilling(address worker, bool willing) external {
        isWilling[worker][msg.sender] = willing;
    }

    /// @notice Hands a worker, and its future earnings, to another operator that agreed to it (`setWilling`). A stolen
    /// worker key cannot do this.
    function transferWorker(address worker, address operator, string calldata endpoint) external {
        if (operatorOf[worker] != msg.sender) revert NotWorkerOperator(worker, msg.sender);
        if (operator == address(0)) revert ZeroAddress();
        if (!isWilling[worker][operator]) revert OperatorNotWilling(worker, operator);
        isWilling[worker][operator] = false;
        operatorOf[worker] = operator;
        _registerWorker(worker, operator, endpoint);
    }

    function deployAdapter(uint256 modelId, address worker, uint32 version) external whenNotPaused {
        _checkOperator(worker);
        Model storage m = _existing(modelId);
        if (m.status != ModelStatus.Active) revert ModelNotActive(modelId, m.status);
        _checkVersion(modelId, version);
        if (isDeployed[modelId][worker][version]) revert AlreadyDeployed(modelId, worker, version);
        isDeployed[modelId][worker][version] = true;
        emit AdapterDeployed(modelId, worker, version);
    }

    /// @notice The worker's side, or the model's owner, takes a deployment down.
    function undeployAdapter(uint256 modelId, address worker, uint32 version) external {
        if (_existing(modelId).owner != msg.sender) _checkOperator(worker);
        if (!isDeployed[modelId][worker][version]) revert NotDeployed(modelId, worker, version);
        isDeployed[modelId][worker][version] = false;
        emit AdapterUndeployed(modelId, worker, version);
    }

    // --- views ---

    function model(uint256 modelId) external view returns (Model memory) {
        return _existing(modelId);
    }

    function ownerOf(uint256 modelId) external view returns (address) {
        return _existing(modelId).owner;
    }

    function hasVersion(uint256 modelId, uint32 version) external view returns (bool) {
        return adapterHash[modelId][version] != 0;
    }

    function hashWorkerConsent(address worker, address operator, uint256 nonce, uint256 deadline) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(WORKER_CONSENT_TYPEHASH, worker, operator, nonce, deadline)));
    }

    // --- inside ---

    function _existing(uint256 modelId) private view returns (Model storage m) {
        m = _models[modelId];
        if (m.owner == address(0)) revert UnknownModel(modelId);
    }

    function _checkVersion(uint256 modelId, uint32 version) private view {
        if (adapterHash[modelId][version] == 0) revert UnknownVersion(modelId, version);
    }

    function _checkOperator(address worker) private view {
        address operator = operatorOf[worker];
        if (operator == address(0)) revert UnknownWorker(worker);
        if (msg.sender != worker && msg.sender != operator) revert NotWorkerOperator(worker, msg.sender);
    }

    function _recordSource(uint256 modelId, uint32 version, TrainingSource calldata source) private {
        bytes32 root = DATANETS.dataRoot(source.datanetId, source.version);
        if (root == 0) revert UnknownDatanetVersion(source.datanetId, source.version);
        if (!DATANETS.hasAccess(source.datanetId, msg.sender)) revert NoDatanetAccess(source.datanetId, msg.sender);
        if (trainedOn[modelId][version][source.datanetId]) revert DuplicateSource(source.datanetId);
        trainedOn[modelId][version][source.datanetId] = true;
        emit ModelTrainedOn(modelId, source.datanetId, version, source.version, root);
    }

    function _registerWorker(address worker, address operator, string calldata endpoint) private whenNotPaused {
        if (bytes(endpoint).length == 0) revert EmptyEndpoint();
        address current = operatorOf[worker];
        if (current != address(0) && current != operator) revert NotWorkerOperator(worker, operator);
        operatorOf[worker] = operator;
        emit WorkerRegistered(worker, operator, endpoint);
    }
}
