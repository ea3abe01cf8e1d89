// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Models, their versions and what those were trained on, the workers that serve them and where they are deployed.
interface IModelRegistry {
    enum ModelStatus { None, Draft, Active, Deprecated, Withdrawn }

    event ModelRegistered(uint256 indexed modelId, address indexed owner, bytes32 indexed baseModelId, string name, string uri);
    event ModelVersionPublished(
        uint256 indexed modelId, uint32 indexed version, bytes32 adapterHash, string adapterURI, bytes32 manifestHash, uint16 rank
    );
    event ModelTrainedOn(
        uint256 indexed modelId, uint256 indexed datanetId, uint32 modelVersion, uint32 datanetVersion, bytes32 dataRoot
    );
    event ModelEvaluated(uint256 indexed modelId, bytes32 indexed benchmarkId, uint32 version, uint256 score, string uri);
    event ModelPricingUpdated(uint256 indexed modelId, uint256 inPer1k, uint256 outPer1k);
    event ModelStatusUpdated(uint256 indexed modelId, uint8 oldStatus, uint8 newStatus);
    event WorkerRegistered(address indexed worker, address indexed operator, string endpoint);
    event AdapterDeployed(uint256 indexed modelId, address indexed worker, uint32 version);
    event AdapterUndeployed(uint256 indexed modelId, address indexed worker, uint32 version);
}
