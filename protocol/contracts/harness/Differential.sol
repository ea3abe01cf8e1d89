// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @notice What the TypeScript twins are compared with: many views in one call, and OpenZeppelin's own verifiers.
contract Differential {
    struct Claim {
        bytes32[] proof;
        bytes32 root;
        bytes32 leaf;
    }

    struct Signed {
        bytes32 digest;
        bytes signature;
    }

    error CallFailed(uint256 index, bytes reason);

    /// @notice The answers of `calls` to `target`, in order.
    function each(address target, bytes[] calldata calls) external view returns (bytes[] memory results) {
        results = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            (bool success, bytes memory result) = target.staticcall(calls[i]);
            if (!success) revert CallFailed(i, result);
            results[i] = result;
        }
    }

    function verify(Claim[] calldata claims) external pure returns (bool[] memory results) {
        results = new bool[](claims.length);
        for (uint256 i = 0; i < claims.length; i++) {
            results[i] = MerkleProof.verifyCalldata(claims[i].proof, claims[i].root, claims[i].leaf);
        }
    }

    function recover(Signed[] calldata signed) external pure returns (address[] memory signers) {
        signers = new address[](signed.length);
        for (uint256 i = 0; i < signed.length; i++) signers[i] = ECDSA.recover(signed[i].digest, signed[i].signature);
    }

    /// @notice A datanet version's leaf, hashed twice as OpenZeppelin's trees do.
    function contributionLeaf(uint256 contributionId, bytes32 contentHash) external pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(contributionId, contentHash))));
    }

    /// @param json canonical JSON of a receipt, UTF-8.
    function receiptHash(bytes calldata json) external pure returns (bytes32) {
        return keccak256(json);
    }

    /// @notice What the worker signs (EIP-191) of the unsigned receipt.
    function receiptDigest(bytes calldata json) external pure returns (bytes32) {
        return MessageHashUtils.toEthSignedMessageHash(keccak256(json));
    }
}
